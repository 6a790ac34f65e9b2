import { Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ShownResourceOwner } from '#core/model/resource-owner';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { checkEmail } from './owner-checks.ts';

/** Name and e-mail address of a resource owner; what else is known of them is read. */
export function OwnerForm({
  owner,
  isLocal,
}: {
  readonly owner: ShownResourceOwner;
  /** True: the password is kept here. */
  readonly isLocal: boolean;
}) {
  const right = useRight('resource-owners:write');
  const address = path`/resource-owners/${owner.id}`;
  const form = useForm({
    initialValues: { displayName: owner.displayName, email: owner.email },
    validate: {
      displayName: (value) => (value.trim() === '' ? 'Give a name.' : null),
      email: checkEmail,
    },
  });
  return (
    <Form
      form={form}
      guard
      submit="Save"
      right={right}
      failure="Could not save the resource owner."
      edited={{ address, revision: owner.revision }}
      onSubmit={async ({ displayName, email }, ifMatch) => {
        const body = { displayName: displayName.trim(), email: email.trim() };
        const saved = await api.patch<ShownResourceOwner>(address, body, ifMatch);
        await refreshAll();
        tell('Saved.');
        return saved;
      }}
    >
      <TextInput label="User name" value={owner.name} readOnly description="Stays as it is." />
      <TextInput
        label="Subject"
        value={owner.id}
        readOnly
        classNames={{ input: 'mono' }}
        description="The sub of their tokens."
      />
      <TextInput label="Name" required {...form.getInputProps('displayName')} />
      <TextInput label="E-mail" type="email" {...form.getInputProps('email')} />
      <Text size="xs" c="dimmed">
        {isLocal
          ? `In the directory ${owner.directory}. ${owner.hasPassword ? 'The password is kept as its hash.' : 'There is no password yet: nobody can sign in with this name.'}`
          : `In the directory ${owner.directory}, which checks the password. Name and e-mail follow it at each sign-in.`}
      </Text>
    </Form>
  );
}
