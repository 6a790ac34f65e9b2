import { TagsInput, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { DirectoryValues } from './directory-values.ts';

/** At which provider people sign in. */
export function OidcFields({
  form,
  isNew,
}: {
  readonly form: UseFormReturnType<DirectoryValues>;
  readonly isNew: boolean;
}) {
  return (
    <>
      <TextInput
        label="Issuer"
        placeholder="https://login.example.com"
        required
        {...form.getInputProps('oidc.issuer')}
      />
      <TextInput label="Client id" required {...form.getInputProps('oidc.clientId')} />
      <TextInput
        label="Client secret"
        type="password"
        autoComplete="off"
        description={
          isNew
            ? 'Kept encrypted and never shown again. It can be given later.'
            : 'Left empty: the one that is kept stays.'
        }
        {...form.getInputProps('oidc.clientSecret')}
      />
      <TagsInput label="Scopes" description="Asked for beside openid." {...form.getInputProps('oidc.scopes')} />
      <TextInput label="Claim of the user name" required {...form.getInputProps('oidc.nameClaim')} />
      <Text size="sm" c="dimmed">
        At the provider, register the URL of each authorization end point with <span className="mono">/external</span>{' '}
        behind it as redirect URI.
      </Text>
    </>
  );
}
