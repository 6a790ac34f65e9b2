import { Button, Checkbox, Group, MultiSelect, Select, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { isProxied } from '#core/model/project-kind';
import type { Resource } from '#core/model/resource';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell, tellFailure } from '../../components/notify.ts';
import { FIRST_RESOURCE } from '../project/addresses.ts';
import { useFieldFocus } from '../project/use-field-focus.ts';
import { useEditor } from './editor-context.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

interface ResourceDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Left out: a new one. */
  readonly resource: Resource | undefined;
  /** Called with the name of what was saved. */
  readonly onDone: (name: string) => void;
  readonly onDeleted?: () => void;
}

/** The settings of a resource: which calls it takes, and which target answers them. */
export function ResourceDialog(props: ResourceDialogProps) {
  const { resource, isOpen, onClose } = props;
  return (
    <Dialog
      title={resource === undefined ? 'Add resource' : `Resource ${resource.displayName}`}
      isOpen={isOpen}
      onClose={onClose}
    >
      <ResourceForm {...props} />
    </Dialog>
  );
}

interface Values extends Record<string, unknown> {
  displayName: string;
  path: string;
  methods: string[];
  public: boolean;
  target: string | null;
}

function ResourceForm({ resource, onClose, onDone, onDeleted }: ResourceDialogProps) {
  const { overview } = useEditor();
  const { project, targets } = overview;
  const right = useRight('projects:write');
  const isDefault = resource?.name === FIRST_RESOURCE;
  const isReadOnly = !right.allowed;
  const root = useFieldFocus();
  const form = useForm<Values>({
    initialValues: {
      displayName: resource?.displayName ?? '',
      path: resource?.path ?? '/',
      methods: [...(resource?.methods ?? [])],
      public: resource?.public ?? false,
      target: resource?.target ?? (targets.find(({ name }) => name === 'default') ?? targets[0])?.name ?? null,
    },
    validateInputOnBlur: true,
    validate: {
      displayName: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      path: (pattern) => (pattern.startsWith('/') ? null : 'Start with /.'),
    },
  });
  const submit = async ({ target, ...values }: Values) => {
    const { path: pattern, methods, ...rest } = values;
    const body = {
      ...(isDefault ? rest : { ...rest, path: pattern, methods }),
      ...(target !== null && { target }),
    };
    const saved =
      resource === undefined
        ? await api.post<Resource>(path`/projects/${project.name}/resources`, body)
        : await api.patch<Resource>(
            path`/projects/${project.name}/resources/${resource.name}`,
            body,
            resource.revision,
          );
    onClose();
    await refreshAll();
    onDone(saved.name);
    tell(`${saved.displayName} is saved to the draft.`);
  };
  return (
    <div ref={root}>
      <Form
        form={form}
        onSubmit={submit}
        failure="Could not save the resource."
        footer={({ isSending }) => (
          <Group justify="space-between" gap="xs">
            {resource === undefined || isDefault ? (
              <span />
            ) : (
              <DeleteResource resource={resource} onClose={onClose} onDeleted={onDeleted} />
            )}
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <GuardedButton right={right} type="submit" loading={isSending} disabled={!form.isDirty()}>
                Save to draft
              </GuardedButton>
            </Group>
          </Group>
        )}
      >
        {isDefault && (
          <Text size="sm" c="dimmed">
            Runs for every path that has no resource of its own. Its path and methods stay, and it cannot be deleted.
          </Text>
        )}
        <TextInput
          label="Display name"
          withAsterisk
          data-autofocus
          maxLength={64}
          readOnly={isReadOnly}
          {...form.getInputProps('displayName')}
        />
        {!isDefault && (
          <>
            <TextInput
              label="Path pattern"
              description="Behind the context path: /orders/{id} takes one segment, /files/* all that follow. The closest match runs."
              withAsterisk
              classNames={{ input: 'mono' }}
              readOnly={isReadOnly}
              {...form.getInputProps('path')}
            />
            <MultiSelect
              label="Methods"
              description="None: every method. HEAD goes with GET."
              data={[...METHODS]}
              readOnly={isReadOnly}
              {...form.getInputProps('methods')}
            />
          </>
        )}
        {isProxied(project.kind) && targets.length > 0 && (
          <Select
            label="Target"
            description="What answers."
            data={targets.map(({ name, displayName }) => ({ value: name, label: displayName }))}
            allowDeselect={false}
            readOnly={isReadOnly}
            {...form.getInputProps('target')}
          />
        )}
        {project.secureWith !== 'none' && (
          <Checkbox
            label="Public"
            description="May be called without the token that Secure API with demands. The audit trail says so."
            disabled={isReadOnly}
            {...form.getInputProps('public', { type: 'checkbox' })}
          />
        )}
      </Form>
    </div>
  );
}

/** Deletes a resource, after a second click on what it takes along. */
function DeleteResource({
  resource,
  onClose,
  onDeleted,
}: {
  readonly resource: Resource;
  readonly onClose: () => void;
  readonly onDeleted: (() => void) | undefined;
}) {
  const { overview } = useEditor();
  const right = useRight('projects:write');
  const [isAsked, setAsked] = useState(false);
  const attached = overview.resources.find(({ name }) => name === resource.name)?.attached ?? 0;
  const remove = async () => {
    try {
      await api.remove(path`/projects/${overview.project.name}/resources/${resource.name}`, {
        ifMatch: resource.revision,
      });
    } catch (error) {
      return tellFailure(`Could not delete ${resource.displayName}.`, error);
    }
    onClose();
    onDeleted?.();
    tell(`${resource.displayName} is deleted from the draft.`);
    await refreshAll();
  };
  if (!isAsked)
    return (
      <GuardedButton right={right} variant="default" onClick={() => setAsked(true)}>
        Delete
      </GuardedButton>
    );
  return (
    <Button color="red" onClick={() => void remove()}>
      Delete with {plural(attached, 'attachment', 'attachments')}
    </Button>
  );
}
