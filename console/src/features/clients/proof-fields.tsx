import { Checkbox, JsonInput, Select, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import type { CERTIFICATE_NAME_FIELDS } from '#core/model/certificate-name';
import type { Client } from '#core/model/client';
import { clientKeys } from '#core/model/client-key';
import type { ClientValues } from './client-values.ts';

const METHODS: readonly { readonly value: Client['authMethod']; readonly label: string }[] = [
  { value: 'client_secret', label: 'Consumer secret, in header or body' },
  { value: 'client_secret_basic', label: 'Consumer secret, in the Authorization header only' },
  { value: 'client_secret_post', label: 'Consumer secret, in the form body only' },
  { value: 'private_key_jwt', label: 'Signed assertion, with its private key' },
  { value: 'client_secret_jwt', label: 'Signed assertion, with its consumer secret' },
  { value: 'tls_client_auth', label: 'Client certificate of an authority' },
  { value: 'self_signed_tls_client_auth', label: 'Client certificate that it signed itself' },
];

const NAMES: readonly { readonly value: (typeof CERTIFICATE_NAME_FIELDS)[number]; readonly label: string }[] = [
  { value: 'subject_dn', label: 'Subject, e.g. CN=shop,O=Example' },
  { value: 'san_dns', label: 'DNS name' },
  { value: 'san_uri', label: 'URI' },
  { value: 'san_ip', label: 'IP address' },
  { value: 'san_email', label: 'E-mail address' },
];

/** How a client proves itself, and what it needs for that. A public client proves nothing. */
export function ProofFields({ form }: { readonly form: UseFormReturnType<ClientValues> }) {
  const { kind, authMethod } = form.getValues();
  const takesKeys = authMethod === 'private_key_jwt' || authMethod === 'self_signed_tls_client_auth';
  return (
    <>
      {kind === 'server' && (
        <Select
          label="Proves itself with"
          description={
            authMethod === 'client_secret_jwt'
              ? 'Its secrets are kept encrypted instead of hashed, because they must be read again.'
              : 'At the token end point. All but the first are enforced.'
          }
          allowDeselect={false}
          data={METHODS.map(({ value, label }) => ({ value, label }))}
          {...form.getInputProps('authMethod')}
        />
      )}
      {takesKeys && <KeysInput form={form} />}
      {takesKeys && (
        <TextInput
          label="Address of its public keys"
          description="In place of keys that stand here: they are fetched when they are needed. Certificates that it signed itself stand there as x5c too."
          placeholder="https://app.example.com/jwks.json"
          {...form.getInputProps('jwksUri')}
        />
      )}
      {authMethod === 'tls_client_auth' && <CertificateNameInput form={form} />}
      <Checkbox
        label="Bind its tokens to its client certificate"
        description="They are good only on connections with the certificate that it showed when it got them."
        {...form.getInputProps('certificateBound', { type: 'checkbox' })}
      />
    </>
  );
}

function KeysInput({ form }: { readonly form: UseFormReturnType<ClientValues> }) {
  const [text, setText] = useState(() => {
    const { jwks } = form.getValues();
    return jwks === undefined ? '' : JSON.stringify(jwks, undefined, 2);
  });
  const [problem, setProblem] = useState<string>();
  const onChange = (next: string) => {
    setText(next);
    const read = readKeys(next);
    setProblem(read.problem);
    form.setFieldValue('jwks', read.jwks);
  };
  const { error } = form.getInputProps('jwks');
  return (
    <JsonInput
      label="Public keys"
      description="A JWK Set: {&quot;keys&quot;: [ … ]}. For certificates that it signed itself, each key with its x5c. Never a private key."
      classNames={{ input: 'mono' }}
      autosize
      minRows={4}
      maxRows={14}
      value={text}
      onChange={onChange}
      error={problem ?? error}
    />
  );
}

function readKeys(text: string): { readonly jwks: Client['jwks']; readonly problem: string | undefined } {
  if (text.trim() === '') return { jwks: undefined, problem: undefined };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { jwks: undefined, problem: 'This is no JSON.' };
  }
  const read = clientKeys.safeParse(value);
  return read.success
    ? { jwks: read.data, problem: undefined }
    : { jwks: undefined, problem: read.error.issues[0]?.message ?? 'This is no JWK Set.' };
}

function CertificateNameInput({ form }: { readonly form: UseFormReturnType<ClientValues> }) {
  const { certificateName = { field: 'subject_dn', value: '' } } = form.getValues();
  const { error } = form.getInputProps('certificateName');
  const set = (changed: Partial<NonNullable<ClientValues['certificateName']>>) => {
    const next = { ...certificateName, ...changed };
    form.setFieldValue('certificateName', next);
  };
  return (
    <>
      <Select
        label="Name in its certificate"
        description="Where in the certificate the name stands by which it is known."
        allowDeselect={false}
        data={NAMES.map(({ value, label }) => ({ value, label }))}
        value={certificateName.field}
        onChange={(value) => {
          const field = NAMES.find((name) => name.value === value)?.value;
          if (field !== undefined) set({ field });
        }}
      />
      <TextInput
        label="The name"
        value={certificateName.value}
        error={error}
        onChange={({ currentTarget: { value } }) => set({ value })}
      />
    </>
  );
}
