import { Checkbox } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ShownResourceOwner } from '#core/model/resource-owner';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { checkNewPassword, NewPasswordFields } from '../password/new-password-fields.tsx';

/** Sets the password of somebody of a local directory. */
export function SetPassword({ owner, onDone }: { readonly owner: ShownResourceOwner; readonly onDone: () => void }) {
  const form = useForm({
    initialValues: { password: '', again: '', revokeTokens: true },
    validate: checkNewPassword,
  });
  return (
    <Form
      form={form}
      submit="Set password"
      failure="Could not set the password."
      onCancel={onDone}
      onSubmit={async ({ password, revokeTokens }) => {
        await api.post(path`/resource-owners/${owner.id}/password`, { password, revokeTokens });
        await refreshAll();
        onDone();
        tell('The password is set.');
      }}
    >
      <NewPasswordFields form={form} what="New password" />
      <Checkbox
        label="Also revoke their tokens"
        description="Whoever knew the old password may have allowed clients something."
        {...form.getInputProps('revokeTokens', { type: 'checkbox' })}
      />
      <ShowCommand command={`gatewright resource-owner set-password ${shellWord(owner.name)} --secret -`} />
    </Form>
  );
}
