import { PasswordInput, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { GroupVariable } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { checkName } from '../../components/checks.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';

/** Longest value of a variable or secret. */
const LONGEST = 16_384;

/** Adds a variable or secret to a server group (by name), or gives one another value. Closed without `edited`. */
export function VariableDialog({
  group,
  edited,
  onClose,
}: {
  readonly group: string;
  readonly edited: GroupVariable | 'new' | undefined;
  readonly onClose: () => void;
}) {
  const title = edited === 'new' || edited === undefined ? 'Add variable or secret' : `Change ${edited.name}`;
  return (
    <Dialog title={title} isOpen={edited !== undefined} onClose={onClose}>
      <VariableForm group={group} before={edited === 'new' ? undefined : edited} onClose={onClose} />
    </Dialog>
  );
}

function VariableForm({
  group,
  before,
  onClose,
}: {
  readonly group: string;
  readonly before: GroupVariable | undefined;
  readonly onClose: () => void;
}) {
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: {
      name: before?.name ?? '',
      kind: before?.secret === true ? 'secret' : 'variable',
      value: before?.value ?? '',
    },
    validate: {
      name: checkName,
      value: (value, { kind }) => {
        if (value.length > LONGEST) return 'At most 16 KiB.';
        if (value.includes('${')) return 'A value may not hold a dollar sign with a brace: selectors do not nest.';
        return kind === 'secret' && value === '' ? 'Give the secret.' : null;
      },
    },
  });
  const isSecret = form.values.kind === 'secret';
  return (
    <Form
      form={form}
      failure="Could not save it."
      submit={before === undefined ? 'Add' : 'Save'}
      onCancel={onClose}
      onSubmit={async ({ name, value }) => {
        await api.put(path`/server-groups/${group}/variables/${name.trim()}`, { value, secret: isSecret });
        await refreshAll();
        tell(before === undefined ? `${name.trim()} is added.` : `${name.trim()} has its new value.`);
        onClose();
      }}
    >
      {before === undefined && (
        <>
          <TextInput
            label="Name"
            description="Policy settings name it so. It never changes."
            required
            data-autofocus
            placeholder="orders-host"
            {...form.getInputProps('name')}
          />
          <Radio.Group label="Kind" {...form.getInputProps('kind')}>
            <Stack gap={6} mt={8}>
              <Radio value="variable" label="Variable" description="Its value is shown." />
              <Radio
                value="secret"
                label="Secret"
                description="Sealed: written, used by gateways, never shown again."
              />
            </Stack>
          </Radio.Group>
        </>
      )}
      {isSecret ? (
        <PasswordInput
          label={before === undefined ? 'Value' : 'New value'}
          required
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the value' }}
          {...(before !== undefined && { 'data-autofocus': true })}
          {...form.getInputProps('value')}
        />
      ) : (
        <Textarea
          label="Value"
          autosize
          minRows={1}
          maxRows={8}
          {...(before !== undefined && { 'data-autofocus': true })}
          {...form.getInputProps('value')}
        />
      )}
    </Form>
  );
}
