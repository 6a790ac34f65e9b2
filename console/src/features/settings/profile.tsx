import { PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Session } from '#core/model/user';
import { api } from '../../api/client.ts';
import { takeSession, useSession } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { Surface } from '../../components/surface.tsx';
import { checkNewPassword, NewPasswordFields } from '../password/new-password-fields.tsx';
import { SecondFactor } from './second-factor.tsx';
import { SettingsPage } from './settings-page.tsx';

/** One's own profile: name, password, second factor. */
export function Profile() {
  const { user } = useSession();
  return (
    <SettingsPage part="/settings/profile">
      <Stack maw={640}>
        <Surface title="Profile">
          <ProfileForm />
        </Surface>
        {user.source === 'local' ? (
          <>
            <Surface title="Password">
              <PasswordForm />
            </Surface>
            <Surface title="Second factor">
              <SecondFactor />
            </Surface>
          </>
        ) : (
          <Surface title="Sign-in">
            <Text size="sm">You sign in through {user.source}: password and second factor are kept there.</Text>
          </Surface>
        )}
      </Stack>
    </SettingsPage>
  );
}

function ProfileForm() {
  const { user } = useSession();
  const form = useForm({ initialValues: { displayName: user.displayName, email: user.email } });
  return (
    <Form
      form={form}
      guard
      submit="Save"
      failure="Could not save your profile."
      onSubmit={async (values) => {
        takeSession(await api.patch<Session>('/session/user', values));
        tell('Saved.');
      }}
    >
      <TextInput label="User name" value={user.name} readOnly />
      <TextInput label="Name" required {...form.getInputProps('displayName')} />
      <TextInput label="E-mail" type="email" {...form.getInputProps('email')} />
    </Form>
  );
}

function PasswordForm() {
  const form = useForm({
    initialValues: { current: '', password: '', again: '' },
    validate: {
      current: (value) => (value === '' ? 'Give the password that holds now.' : null),
      ...checkNewPassword,
    },
  });
  return (
    <Form
      form={form}
      submit="Change password"
      failure="Could not change the password."
      fieldOf={(pointer) => (pointer === '/next' ? 'password' : undefined)}
      onSubmit={async ({ current, password }) => {
        takeSession(await api.post<Session>('/session/password', { current, next: password }));
        form.reset();
        tell('The password is changed. Your other sessions and your API access keys have ended.');
      }}
    >
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show the current password' }}
        {...form.getInputProps('current')}
      />
      <NewPasswordFields form={form} what="New password" />
    </Form>
  );
}
