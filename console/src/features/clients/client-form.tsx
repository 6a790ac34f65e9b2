import { Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Client } from '#core/model/client';
import { path } from '../../api/client.ts';
import type { Right } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';
import { type ClientValues, faultAt, redirectUrisFault, valuesOf } from './client-values.ts';
import { ProofFields } from './proof-fields.tsx';

const KINDS: readonly { readonly value: Client['kind']; readonly label: string }[] = [
  { value: 'server', label: 'Server: keeps a secret or a key' },
  { value: 'public', label: 'Browser or mobile app: keeps none' },
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
    initialValues: valuesOf(client),
    validateInputOnBlur: ['displayName', 'ownerEmail'],
    validate: {
      displayName: (value) => (value.trim() === '' ? 'Give it a name.' : null),
      ownerEmail: (value) =>
        value === '' || /^\S+@\S+\.\S+$/.test(value) ? null : 'An address like team@example.com, or nothing.',
      redirectUris: redirectUrisFault,
      jwks: (_, values) => faultAt(values, 'jwks'),
      jwksUri: (_, values) => faultAt(values, 'jwksUri'),
      certificateName: (value, values) =>
        values.authMethod === 'tls_client_auth' && (value?.value ?? '') === ''
          ? 'Write the name.'
          : faultAt(values, 'certificateName'),
    },
  });
  const { kind } = form.getValues();
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
      {client === undefined && (
        <Select
          label="Kind"
          description="It cannot change later."
          allowDeselect={false}
          data={KINDS.map(({ value, label }) => ({ value, label }))}
          value={kind}
          onChange={(value) => {
            const next = value === 'public' ? 'public' : 'server';
            form.setValues({ kind: next, authMethod: next === 'public' ? 'none' : 'client_secret' });
          }}
        />
      )}
      <ProofFields form={form} />
      <TagsInput
        label="Redirect URIs"
        description="Where people are sent back to after they signed in. Compared letter by letter. Press Enter after each."
        acceptValueOnBlur
        {...form.getInputProps('redirectUris')}
      />
      <TagsInput label="Tags" {...form.getInputProps('tags')} />
      <Textarea label="Note" autosize minRows={2} {...form.getInputProps('description')} />
    </Form>
  );
}
