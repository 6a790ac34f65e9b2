import { ActionIcon, Button, Fieldset, Group, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { ResourceRow } from '#core/model/overview/screens';
import type { CreateTarget, Target } from '#core/model/target';
import { api, path } from '../../api/client.ts';
import { isConflict } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { ConflictDialog } from '../../components/conflict-dialog.tsx';
import { Fold } from '../../components/fold.tsx';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell, tellFailure } from '../../components/notify.ts';
import { useUrlState } from '../../components/url-state.ts';
import { DurationInput } from '../../schema-form/duration-input.tsx';
import { useFieldFocus } from './use-field-focus.ts';

type Values = Omit<CreateTarget, 'name'>;

const TITLES: Readonly<Record<keyof Values, string>> = {
  displayName: 'Display name',
  urls: 'URLs',
  timeoutMs: 'Longest wait for the answer',
  connectTimeoutMs: 'Longest wait for a connection',
  idleTimeoutMs: 'Longest silence within an answer',
  retries: 'Retries',
  verifyTls: 'Check the certificate',
  maxConnections: 'Most connections to each URL',
};

/** Those that are under Advanced. */
const FOLDED = ['connectTimeoutMs', 'idleTimeoutMs', 'retries', 'maxConnections'] as const;

const NEW_TARGET: Values = {
  displayName: '',
  urls: [{ url: '', weight: 1 }],
  connectTimeoutMs: 5_000,
  timeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  retries: 1,
  verifyTls: true,
  maxConnections: 128,
};

interface TargetFormProps {
  readonly project: string;
  /** Left out: a new one. */
  readonly target: Target | undefined;
  readonly usedBy: readonly ResourceRow[];
  readonly onDone: () => void;
}

/** A target's settings: its URLs, how long to wait for them, and how often to try. */
export function TargetForm({ project, target, usedBy, onDone }: TargetFormProps) {
  const right = useRight('projects:write');
  const isReadOnly = !right.allowed;
  const [theirs, setTheirs] = useState<Target>();
  const [{ field }] = useUrlState();
  const [isUnfolded, setUnfolded] = useState(() => FOLDED.some((name) => name === field));
  const root = useFieldFocus();
  const form = useForm<Values>({
    initialValues: target === undefined ? NEW_TARGET : valuesOf(target),
    validateInputOnBlur: true,
    validate: {
      displayName: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      urls: {
        url: (url) =>
          isTargetUrl(url) ? null : 'An http:// or https:// URL without user, query and fragment, or echo:.',
      },
    },
  });
  const send = async (values: Values, revision: number | undefined) => {
    const base = path`/projects/${project}/targets`;
    if (target === undefined) await api.post(base, values);
    else await api.patch(`${base}/${encodeURIComponent(target.name)}`, values, revision);
    onDone();
    tell(`${values.displayName} is saved to the draft.`);
    await refreshAll();
  };
  const submit = async (values: Values) => {
    try {
      await send(values, target?.revision);
    } catch (error) {
      if (target !== undefined && isConflict(error))
        setTheirs(await api.get<Target>(path`/projects/${project}/targets/${target.name}`));
      throw error;
    }
  };
  const duration = (name: 'timeoutMs' | 'connectTimeoutMs' | 'idleTimeoutMs') => (
    <div data-pointer={`/${name}`}>
      <DurationInput
        label={TITLES[name]}
        value={form.getValues()[name]}
        onChange={(ms) => form.setFieldValue(name, ms ?? NEW_TARGET[name])}
        error={form.errors[name]}
        isReadOnly={isReadOnly}
      />
    </div>
  );
  return (
    <div ref={root}>
      <Form
        form={form}
        onSubmit={submit}
        failure="Could not save the target."
        fieldOf={fieldOf}
        footer={({ isSending }) => (
          <Group justify="space-between" gap="xs">
            {target === undefined ? (
              <span />
            ) : (
              <DeleteTarget project={project} target={target} usedBy={usedBy} onDone={onDone} />
            )}
            <Group gap="xs">
              <Button variant="default" onClick={onDone}>
                Cancel
              </Button>
              <GuardedButton right={right} type="submit" loading={isSending} disabled={!form.isDirty()}>
                Save to draft
              </GuardedButton>
            </Group>
          </Group>
        )}
      >
        <TextInput
          label={TITLES.displayName}
          withAsterisk
          data-autofocus
          readOnly={isReadOnly}
          {...form.getInputProps('displayName')}
        />
        <Fieldset legend={TITLES.urls}>
          <Stack gap="xs">
            {form.getValues().urls.map((entry, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name of its own
              <Group key={index} gap={6} wrap="nowrap" align="flex-start">
                <TextInput
                  flex={1}
                  aria-label={`URL ${index + 1}`}
                  placeholder="https://orders.internal:8080"
                  classNames={{ input: 'mono' }}
                  readOnly={isReadOnly}
                  {...form.getInputProps(`urls.${index}.url`)}
                />
                <NumberInput
                  w={84}
                  aria-label={`Weight of URL ${index + 1}`}
                  min={1}
                  max={100}
                  readOnly={isReadOnly}
                  {...form.getInputProps(`urls.${index}.weight`)}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={36}
                  aria-label={`Remove URL ${index + 1}: ${entry.url}`}
                  disabled={isReadOnly || form.getValues().urls.length === 1}
                  onClick={() => form.removeListItem('urls', index)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            ))}
            <Group justify="space-between" gap="xs">
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconPlus size={14} />}
                disabled={isReadOnly}
                onClick={() => form.insertListItem('urls', { url: '', weight: 1 })}
              >
                Add URL
              </Button>
              <Text size="xs" c="dimmed">
                Calls are spread by weight.
              </Text>
            </Group>
          </Stack>
        </Fieldset>
        {duration('timeoutMs')}
        <Switch
          label={TITLES.verifyTls}
          description="Of https URLs. Off only for trying: anybody between could answer."
          disabled={isReadOnly}
          {...form.getInputProps('verifyTls', { type: 'checkbox' })}
        />
        <Fold title="Advanced" hint="4 settings, defaults are fine" isOpen={isUnfolded} onToggle={setUnfolded}>
          {duration('connectTimeoutMs')}
          {duration('idleTimeoutMs')}
          <NumberInput
            label={TITLES.retries}
            description="Further tries at another connection, when none was made and the call had no body."
            min={0}
            max={5}
            readOnly={isReadOnly}
            {...form.getInputProps('retries')}
          />
          <NumberInput
            label={TITLES.maxConnections}
            description="Of each gateway worker."
            min={1}
            max={10_000}
            readOnly={isReadOnly}
            {...form.getInputProps('maxConnections')}
          />
        </Fold>
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

function DeleteTarget({ project, target, usedBy, onDone }: TargetFormProps & { readonly target: Target }) {
  const right = useRight('projects:write');
  const isUsed = usedBy.length > 0;
  const remove = async () => {
    try {
      await api.remove(path`/projects/${project}/targets/${target.name}`, { ifMatch: target.revision });
      onDone();
      tell(`${target.displayName} is deleted from the draft.`);
      await refreshAll();
    } catch (error) {
      tellFailure(`Could not delete ${target.displayName}.`, error);
    }
  };
  return (
    <GuardedButton
      right={
        isUsed
          ? { allowed: false, reason: `Answers for ${usedBy.map(({ displayName }) => displayName).join(', ')}` }
          : right
      }
      variant="default"
      onClick={() => void remove()}
    >
      Delete target
    </GuardedButton>
  );
}

/** As the server checks it (core/model/target.ts). */
function isTargetUrl(text: string): boolean {
  if (text === 'echo:') return true;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text) || /[?#]|\$\{/.test(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** `/urls/0/url` → the form's `urls.0.url`; fields within rows are no fields of the form for themselves. */
function fieldOf(pointer: string): string {
  return pointer.split('/').slice(1).join('.');
}

function valuesOf(target: Target): Values {
  const { displayName, urls, connectTimeoutMs, timeoutMs, idleTimeoutMs, retries, verifyTls, maxConnections } = target;
  return { displayName, urls, connectTimeoutMs, timeoutMs, idleTimeoutMs, retries, verifyTls, maxConnections };
}
