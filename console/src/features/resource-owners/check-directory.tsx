import { Alert, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import type { Directory, DirectoryCheck } from '#core/model/directory';
import { api, path } from '../../api/client.ts';
import { Form } from '../../components/form.tsx';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';

/** Asks the server of a directory whether it can be used as it is set, and whom it knows by a name. */
export function CheckDirectory({ directory, onDone }: { readonly directory: Directory; readonly onDone: () => void }) {
  const [found, setFound] = useState<DirectoryCheck & { readonly username: string }>();
  const form = useForm({ initialValues: { username: '' } });
  const isSearched = directory.ldap !== undefined && directory.ldap.userDn === '';
  const username = form.values.username.trim();
  return (
    <Form
      form={form}
      submit="Check"
      failure="Could not check the directory."
      onCancel={onDone}
      onSubmit={async () => {
        const body = username === '' ? {} : { username };
        setFound({ ...(await api.post<DirectoryCheck>(path`/directories/${directory.name}/check`, body)), username });
      }}
    >
      <Text size="sm">
        {directory.kind === 'oidc'
          ? 'The description of the provider is read, with the settings that are saved.'
          : 'The server is reached with the settings that are saved. Nobody signs in.'}
      </Text>
      {isSearched && (
        <TextInput
          label="User name"
          description="Looked up without a password. Empty: the server is only reached."
          data-autofocus
          {...form.getInputProps('username')}
        />
      )}
      {found !== undefined && (
        <Alert role="status" style={{ borderLeftColor: found.isReached ? 'var(--ok)' : 'var(--bad)' }}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {wordsOf(found)}
          </Text>
        </Alert>
      )}
      <ShowCommand
        command={`gatewright directory check ${shellWord(directory.name)}${username === '' ? '' : ` --user ${shellWord(username)}`}`}
      />
    </Form>
  );
}

function wordsOf({ isReached, ms, problem, person, username }: DirectoryCheck & { readonly username: string }): string {
  if (!isReached) return `It cannot be used: ${problem ?? 'it did not answer'}`;
  if (person !== undefined)
    return `Answered in ${ms} ms. ${person.name} is ${person.displayName || 'without a name'}, ${person.email || 'without e-mail address'}, known as ${person.id}.`;
  return username === '' ? `Answered in ${ms} ms.` : `Answered in ${ms} ms. It knows nobody by the name ${username}.`;
}
