import { Checkbox, NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { Fold } from '../../components/fold.tsx';
import type { DirectoryValues } from './directory-values.ts';

/** Errors in these unfold the part in which they are. */
const FOLDED = ['ca', 'idAttribute', 'nameAttribute', 'displayNameAttribute', 'emailAttribute', 'timeoutMs'];

/** How an LDAP server is reached and asked. */
export function LdapFields({
  form,
  hasPassword,
}: {
  readonly form: UseFormReturnType<DirectoryValues>;
  /** True: a bind password is kept. */
  readonly hasPassword: boolean;
}) {
  const [isUnfolded, setUnfolded] = useState(false);
  const { ldap } = form.values;
  const isWrongInside = FOLDED.some((name) => form.errors[`ldap.${name}`] !== undefined);
  return (
    <>
      <TextInput label="Server" placeholder="ldaps://ldap.example.com" required {...form.getInputProps('ldap.url')} />
      {ldap.url.startsWith('ldap:') && (
        <Checkbox
          label="StartTLS"
          description="Without it passwords cross the network readable: only a server on this machine is taken."
          {...form.getInputProps('ldap.startTls', { type: 'checkbox' })}
        />
      )}
      <TextInput
        label="People are searched for in"
        placeholder="ou=people,dc=example,dc=com"
        {...form.getInputProps('ldap.searchBase')}
      />
      {ldap.searchBase !== '' && (
        <>
          <TextInput
            label="Search filter"
            description="With {username} for the name that was typed. It must fit one person."
            classNames={{ input: 'mono' }}
            {...form.getInputProps('ldap.searchFilter')}
          />
          <TextInput
            label="Searched by"
            description="DN of who may search; empty: anybody may."
            placeholder="cn=gatewright,dc=example,dc=com"
            {...form.getInputProps('ldap.bindDn')}
          />
          <TextInput
            label="Their password"
            type="password"
            autoComplete="off"
            description={
              hasPassword ? 'Left empty: the one that is kept stays.' : 'Kept encrypted and never shown again.'
            }
            {...form.getInputProps('ldap.bindPassword')}
          />
        </>
      )}
      <TextInput
        label="Or the DN of a person"
        description="In place of a search, when all have one form; with {username} in it."
        placeholder="uid={username},ou=people,dc=example,dc=com"
        {...form.getInputProps('ldap.userDn')}
      />
      <Fold
        title="Advanced"
        hint="attributes, certificates, time limit"
        isOpen={isUnfolded || isWrongInside}
        onToggle={setUnfolded}
      >
        <Stack>
          <TextInput
            label="Attribute of the id"
            description="Stays the same for a person and is never given to another: entryUUID, or objectGUID in Active Directory."
            {...form.getInputProps('ldap.idAttribute')}
          />
          <TextInput label="Attribute of the user name" {...form.getInputProps('ldap.nameAttribute')} />
          <TextInput label="Attribute of the name" {...form.getInputProps('ldap.displayNameAttribute')} />
          <TextInput label="Attribute of the e-mail address" {...form.getInputProps('ldap.emailAttribute')} />
          <NumberInput
            label="Wait for an answer"
            suffix=" ms"
            min={200}
            max={10_000}
            {...form.getInputProps('ldap.timeoutMs')}
          />
          <Textarea
            label="Certificates of its authority"
            description="In PEM form; empty: those of the system."
            classNames={{ input: 'mono' }}
            autosize
            minRows={3}
            maxRows={10}
            {...form.getInputProps('ldap.ca')}
          />
        </Stack>
      </Fold>
    </>
  );
}
