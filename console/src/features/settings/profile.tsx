import { PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Session } from '#core/model/user';
import { api } from '../../api/client.ts';
import { takeSession, useSession } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { Surface } from '../../components/surface.tsx';
import { PasswordStrength } from '../setup/password-strength.tsx';
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
    initialValues: { current: '', next: '', again: '' },
    validate: {
      current: (value) => (value === '' ? 'Give the password that holds now.' : null),
      next: (value) => (value.length < 12 ? 'At least 12 characters.' : null),
      again: (value, { next }) => (value === next ? null : 'The two passwords differ.'),
    },
  });
  const toggle = (what: string) => ({ 'aria-label': `Show ${what}` });
  return (
    <Form
      form={form}
      submit="Change password"
      failure="Could not change the password."
      onSubmit={async ({ current, next }) => {
        takeSession(await api.post<Session>('/session/password', { current, next }));
        form.reset();
        tell('The password is changed. Your other sessions and your API access keys have ended.');
      }}
    >
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        visibilityToggleButtonProps={toggle('the current password')}
        {...form.getInputProps('current')}
      />
      <div>
        <PasswordInput
          label="New password"
          description="At least 12 characters."
          autoComplete="new-password"
          visibilityToggleButtonProps={toggle('the new password')}
          {...form.getInputProps('next')}
        />
        <PasswordStrength password={form.values.next} />
      </div>
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        visibilityToggleButtonProps={toggle('the repeated password')}
        {...form.getInputProps('again')}
      />
    </Form>
  );
}
