import { Checkbox, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Directory } from '#core/model/directory';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { checkDisplayName } from '../../components/checks.ts';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { createBody, type DirectoryValues, patchBody, valuesOf } from './directory-values.ts';
import { LdapFields } from './ldap-fields.tsx';
import { OidcFields } from './oidc-fields.tsx';

/** The settings of a directory, of a new one too. */
export function DirectoryForm({
  directory,
  onDone,
}: {
  readonly directory: Directory | undefined;
  readonly onDone: () => void;
}) {
  const right = useRight('directories:write');
  const isNew = directory === undefined;
  const form = useForm<DirectoryValues>({
    initialValues: valuesOf(directory),
    validate: {
      displayName: checkDisplayName,
      ldap: {
        url: (value, { kind }) =>
          kind !== 'ldap' || /^ldaps?:\/\/\S+$/.test(value) ? null : 'For example ldaps://ldap.example.com.',
        userDn: (value, { kind, ldap }) =>
          kind !== 'ldap' || (value === '') !== (ldap.searchBase === '')
            ? null
            : 'Give either the DN of a person, or where people are searched for.',
      },
      oidc: {
        issuer: (value, { kind }) =>
          kind !== 'oidc' || /^https?:\/\/\S+$/.test(value) ? null : 'An https URL, e.g. https://login.example.com.',
        clientId: (value, { kind }) =>
          kind !== 'oidc' || value !== '' ? null : 'Give the client id that the provider gave.',
      },
    },
  });
  const { kind } = form.values;
  return (
    <Form
      form={form}
      submit={isNew ? 'Create' : 'Save'}
      right={right}
      failure="Could not save the directory."
      fieldOf={(pointer) => pointer.split('/').slice(1).join('.')}
      onCancel={onDone}
      {...(directory && { edited: { address: path`/directories/${directory.name}`, revision: directory.revision } })}
      onSubmit={async (values, ifMatch) => {
        if (isNew) await api.post('/directories', createBody(values));
        else await api.patch(path`/directories/${directory.name}`, patchBody(values), ifMatch);
        await refreshAll();
        onDone();
        tell('Saved.');
      }}
    >
      <TextInput label="Name" required data-autofocus {...form.getInputProps('displayName')} />
      {isNew && (
        <Radio.Group label="Who checks passwords" description="It cannot change later." {...form.getInputProps('kind')}>
          <Stack gap={6} mt={6}>
            <Radio value="ldap" label="An LDAP server" description="By a bind with name and password." />
            <Radio
              value="oidc"
              label="An OpenID Connect provider"
              description="People are sent there to sign in; no password comes here."
            />
            <Radio value="local" label="Gatewright" description="Passwords are kept here, as their hashes." />
          </Stack>
        </Radio.Group>
      )}
      {kind === 'ldap' && <LdapFields form={form} hasPassword={directory?.hasCredentials === true} />}
      {kind === 'oidc' && <OidcFields form={form} isNew={isNew} />}
      {kind !== 'local' && (
        <Checkbox
          label="Whoever signs in first becomes a resource owner"
          description="Off: they must have been added under People."
          {...form.getInputProps('createOwners', { type: 'checkbox' })}
        />
      )}
      <Checkbox
        label="Active"
        description="Off: nobody signs in through it; tokens that there are stay."
        {...form.getInputProps('active', { type: 'checkbox' })}
      />
    </Form>
  );
}
