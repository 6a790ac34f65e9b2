import { Alert, Checkbox, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ConsumerKeys, NewSecret } from '#core/model/consumer-key';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { epochOf } from '../subscriptions/instant.ts';

const HOUR_MS = 3_600_000;
const MOST_SECRETS = 5;

/** How long the old secret may go on. */
const KEEPS = [
  { value: '0', label: 'Not at all', option: '0' },
  { value: String(HOUR_MS), label: '1 hour', option: '1h' },
  { value: String(24 * HOUR_MS), label: '24 hours', option: '24h' },
  { value: String(7 * 24 * HOUR_MS), label: '7 days', option: '7d' },
] as const;

/** A new secret, while the old one keeps working for a while. */
export function RotateSecret({
  keys,
  isOpen,
  onClose,
  onMade,
}: {
  readonly keys: ConsumerKeys;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: (secret: NewSecret) => void;
}) {
  return (
    <Dialog title="Rotate the consumer secret" isOpen={isOpen} onClose={onClose}>
      <RotateForm keys={keys} onClose={onClose} onMade={onMade} />
    </Dialog>
  );
}

function RotateForm({
  keys,
  onClose,
  onMade,
}: {
  readonly keys: ConsumerKeys;
  readonly onClose: () => void;
  readonly onMade: (secret: NewSecret) => void;
}) {
  const live = keys.secrets.filter((secret) => secret.state !== 'ended').length;
  const form = useForm({
    initialValues: { name: '', keep: String(24 * HOUR_MS), until: '', revokeTokens: false },
    validate: {
      until: (value, { keep }) =>
        keep === 'until' && !(epochOf(value) > Date.now()) ? 'Choose a time to come.' : null,
    },
  });
  const { keep } = form.values;
  if (live >= MOST_SECRETS)
    return (
      <Alert title="At most 5. End one first." style={{ borderLeftColor: 'var(--warn)' }}>
        This consumer key has {MOST_SECRETS} secrets that work. End the one that is not used any more, then rotate.
      </Alert>
    );
  return (
    <Form
      form={form}
      submit="Make new secret"
      failure="Could not make a new secret."
      onCancel={onClose}
      onSubmit={async ({ name, until, revokeTokens }) => {
        const keepOldMs = keep === 'until' ? epochOf(until) - Date.now() : Number(keep);
        const body = { keepOldMs, revokeTokens, ...(name.trim() !== '' && { name: name.trim() }) };
        const made = await api.post<NewSecret>(path`/subscriptions/${keys.subscription}/keys/rotate`, body);
        await refreshAll();
        onMade(made);
      }}
    >
      <TextInput
        label="Name of the new secret"
        placeholder={`secret-${keys.secrets.length + 1}`}
        maxLength={64}
        {...form.getInputProps('name')}
      />
      <Radio.Group label="Old secret keeps working" {...form.getInputProps('keep')}>
        <Stack gap={6} mt={6}>
          {KEEPS.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
          <Radio value="until" label="Until…" />
        </Stack>
      </Radio.Group>
      {keep === 'until' && <TextInput type="datetime-local" label="Until" required {...form.getInputProps('until')} />}
      <Text size="sm" c="dimmed">
        Tokens already issued stay valid until they expire.
      </Text>
      <Checkbox
        label="Also revoke tokens issued with the old secret"
        {...form.getInputProps('revokeTokens', { type: 'checkbox' })}
      />
      <ShowCommand
        command={`gatewright client rotate ${keys.client} --subscription ${keys.subscription} --keep-old ${KEEPS.find(({ value }) => value === keep)?.option ?? '24h'}${form.values.revokeTokens ? ' --revoke-tokens' : ''} --out .env`}
      />
    </Form>
  );
}
