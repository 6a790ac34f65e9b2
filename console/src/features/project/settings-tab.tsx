import { Checkbox, Group, Radio, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useState } from 'react';
import type { Project } from '#core/model/project';
import { isProxied } from '#core/model/project-kind';
import { api, path } from '../../api/client.ts';
import { isConflict } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { ConflictDialog } from '../../components/conflict-dialog.tsx';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell } from '../../components/notify.ts';
import { Surface } from '../../components/surface.tsx';
import { DeleteProjectCard } from './delete-project.tsx';
import classes from './project.module.css';
import { useProject } from './project-context.ts';
import { useFieldFocus } from './use-field-focus.ts';

type Values = Pick<
  Project,
  | 'displayName'
  | 'contextPath'
  | 'description'
  | 'hosts'
  | 'keepContextPath'
  | 'trailingSlash'
  | 'allowPathForms'
  | 'secureWith'
>;

const TITLES: Readonly<Record<keyof Values, string>> = {
  displayName: 'Display name',
  contextPath: 'Proxy context path',
  description: 'Description',
  hosts: 'Host names',
  keepContextPath: 'Keep the context path',
  trailingSlash: 'Trailing slash',
  allowPathForms: 'Path forms that are let through',
  secureWith: 'Secure API with',
};

const PATH_FORM_TITLES: Readonly<Record<Project['allowPathForms'][number], string>> = {
  'encoded-slash': 'Encoded slash (%2F)',
  'double-slash': 'Double slash (//)',
  semicolon: 'Semicolon (;)',
};

/** What holds for a whole project. Saved to the draft; what runs changes with the next deployment. */
export function SettingsTab() {
  const { overview } = useProject();
  return (
    <div className={`${classes.column} ${classes.form}`}>
      <Surface title="Settings">
        <SettingsForm key={overview.project.id} project={overview.project} />
      </Surface>
      <DeleteProjectCard overview={overview} />
    </div>
  );
}

function SettingsForm({ project }: { readonly project: Project }) {
  const right = useRight('projects:write');
  const [base, setBase] = useState(project);
  const [theirs, setTheirs] = useState<Project>();
  const form = useForm<Values>({
    initialValues: valuesOf(project),
    validateInputOnBlur: true,
    validate: {
      displayName: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      contextPath: (contextPath) => (contextPath.startsWith('/') ? null : 'Start with /.'),
    },
  });
  const isDirty = form.isDirty();
  // Saved elsewhere: it is taken over while nobody edits it here. Otherwise saving says that somebody was first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the project having changed
  useEffect(() => {
    if (isDirty || project.revision <= base.revision) return;
    take(project);
  }, [project]);

  const take = (next: Project) => {
    setBase(next);
    form.setInitialValues(valuesOf(next));
    form.setValues(valuesOf(next));
    form.resetDirty(valuesOf(next));
  };
  const send = async (values: Values, revision: number) => {
    const { secureWith, ...rest } = values;
    const body = isProxied(project.kind) ? values : rest;
    take(await api.patch<Project>(path`/projects/${project.name}`, body, revision));
    tell('Saved to the draft. Deploy to make it run.');
    await refreshAll();
  };
  const submit = async (values: Values) => {
    try {
      await send(values, base.revision);
    } catch (error) {
      if (isConflict(error)) setTheirs(await api.get<Project>(path`/projects/${project.name}`));
      throw error;
    }
  };

  const isReadOnly = !right.allowed;
  const root = useFieldFocus();
  return (
    <div ref={root}>
      <Form
        form={form}
        onSubmit={submit}
        failure="Could not save the settings."
        guard
        footer={({ isSending }) => (
          <Group justify="flex-end" gap="xs">
            <GuardedButton right={right} variant="default" disabled={!isDirty} onClick={() => form.reset()}>
              Discard
            </GuardedButton>
            <GuardedButton right={right} type="submit" disabled={!isDirty} loading={isSending}>
              Save to draft
            </GuardedButton>
          </Group>
        )}
      >
        <TextInput
          label={TITLES.displayName}
          withAsterisk
          readOnly={isReadOnly}
          {...form.getInputProps('displayName')}
        />
        <div>
          <TextInput
            label={TITLES.contextPath}
            withAsterisk
            classNames={{ input: 'mono' }}
            readOnly={isReadOnly}
            {...form.getInputProps('contextPath')}
          />
          <UrlPreview contextPath={form.getValues().contextPath} />
        </div>
        <Textarea
          label={TITLES.description}
          autosize
          minRows={2}
          maxLength={2000}
          readOnly={isReadOnly}
          {...form.getInputProps('description')}
        />
        {isProxied(project.kind) && (
          <Radio.Group
            label={TITLES.secureWith}
            description="Every resource demands it, also those added later, unless a resource is public."
            readOnly={isReadOnly}
            {...form.getInputProps('secureWith')}
          >
            <Group mt={8} gap="md">
              <Radio value="none" label="None" disabled={isReadOnly} />
              <Radio value="oauth" label="OAuth 2.0 Access Tokens" disabled={isReadOnly} />
            </Group>
          </Radio.Group>
        )}
        <TagsInput
          label={TITLES.hosts}
          description="Calls to other names are not for it. Empty: it answers on every name."
          splitChars={[',', ' ']}
          acceptValueOnBlur
          readOnly={isReadOnly}
          {...form.getInputProps('hosts')}
        />
        <Switch
          label={TITLES.keepContextPath}
          description={`On: the target sees ${base.contextPath} too. Off: it is cut off before the call is passed on.`}
          disabled={isReadOnly}
          {...form.getInputProps('keepContextPath', { type: 'checkbox' })}
        />
        <Radio.Group
          label={TITLES.trailingSlash}
          description="Whether /a/ is another path than /a."
          {...form.getInputProps('trailingSlash')}
        >
          <Group mt={8} gap="md">
            <Radio value="ignore" label="Ignore" disabled={isReadOnly} />
            <Radio value="strict" label="Strict" disabled={isReadOnly} />
          </Group>
        </Radio.Group>
        <Checkbox.Group
          label={TITLES.allowPathForms}
          description="Spellings that programs read differently. They are refused unless they are ticked."
          {...form.getInputProps('allowPathForms')}
        >
          <Group mt={8} gap="md">
            {Object.entries(PATH_FORM_TITLES).map(([value, title]) => (
              <Checkbox key={value} value={value} label={title} disabled={isReadOnly} />
            ))}
          </Group>
        </Checkbox.Group>
      </Form>
      <ConflictDialog
        conflict={
          theirs && {
            by: theirs.updatedBy,
            at: theirs.updatedAt,
            theirs: { ...valuesOf(theirs) },
            mine: { ...form.getValues() },
            titles: TITLES,
          }
        }
        onSaveMine={async () => theirs && send(form.getValues(), theirs.revision)}
        onClose={() => setTheirs(undefined)}
      />
    </div>
  );
}

/** The address as it will be after the next deployment. */
function UrlPreview({ contextPath }: { readonly contextPath: string }) {
  const { overview } = useProject();
  const [first] = overview.urls;
  if (first === undefined || !contextPath.startsWith('/')) return undefined;
  return (
    <Text className={`${classes.preview} mono`} mt={4}>
      {new URL(first.url).origin}
      {contextPath}
    </Text>
  );
}

function valuesOf(project: Project): Values {
  const { displayName, contextPath, description, hosts, keepContextPath, trailingSlash, allowPathForms, secureWith } =
    project;
  return { displayName, contextPath, description, hosts, keepContextPath, trailingSlash, allowPathForms, secureWith };
}
