import { Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Client } from '#core/model/client';
import { path } from '../../api/client.ts';
import type { Right } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';

/** What the form asks for. */
export interface ClientValues extends Record<string, unknown> {
  displayName: string;
  description: string;
  ownerEmail: string;
  authMethod: Client['authMethod'];
  tags: string[];
}

const METHODS: readonly { readonly value: Client['authMethod']; readonly label: string }[] = [
  { value: 'client_secret', label: 'Consumer secret, in header or body' },
  { value: 'client_secret_basic', label: 'Consumer secret, in the Authorization header only' },
  { value: 'client_secret_post', label: 'Consumer secret, in the form body only' },
];

/** A client's settings, for a new one and for one that is there. */
export function ClientForm({
  client,
  submit,
  failure,
  onSubmit,
  onCancel,
  right,
}: {
  readonly client?: Client;
  readonly submit: string;
  readonly failure: string;
  readonly onSubmit: (values: ClientValues, ifMatch: number | '*') => Promise<unknown>;
  readonly onCancel?: () => void;
  readonly right?: Right;
}) {
  const form = useForm<ClientValues>({
    initialValues: {
      displayName: client?.displayName ?? '',
      description: client?.description ?? '',
      ownerEmail: client?.ownerEmail ?? '',
      authMethod: client?.authMethod ?? 'client_secret',
      tags: client?.tags ?? [],
    },
    validateInputOnBlur: ['displayName', 'ownerEmail'],
    validate: {
      displayName: (value) => (value.trim() === '' ? 'Give it a name.' : null),
      ownerEmail: (value) =>
        value === '' || /^\S+@\S+\.\S+$/.test(value) ? null : 'An address like team@example.com, or nothing.',
    },
  });
  return (
    <Form
      form={form}
      submit={submit}
      failure={failure}
      onSubmit={onSubmit}
      guard={client !== undefined}
      {...(client && { edited: { address: path`/clients/${client.name}`, revision: client.revision } })}
      {...(onCancel && { onCancel })}
      {...(right && { right })}
    >
      <TextInput label="Name" required data-autofocus {...form.getInputProps('displayName')} />
      <TextInput
        label="Owner e-mail"
        description="Whom to write to about keys that end and calls that fail."
        type="email"
        {...form.getInputProps('ownerEmail')}
      />
      <Select
        label="Proves itself with"
        description="At the token end point. The two last ones are enforced."
        allowDeselect={false}
        data={METHODS.map(({ value, label }) => ({ value, label }))}
        {...form.getInputProps('authMethod')}
      />
      <TagsInput label="Tags" {...form.getInputProps('tags')} />
      <Textarea label="Note" autosize minRows={2} {...form.getInputProps('description')} />
    </Form>
  );
}
