import { Button, Checkbox, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import type { Session } from '#core/model/user';
import { api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { takeSession } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';

/** Name and password, and the code of the second factor for those who have one. */
export function SignInForm({
  intro,
  onDone,
}: {
  readonly intro?: string;
  readonly onDone: (session: Session) => void;
}) {
  const [needsCode, setNeedsCode] = useState(false);
  const form = useForm({
    initialValues: { name: '', password: '', code: '', keepSignedIn: false },
    validate: {
      name: (value) => (value.trim() === '' ? 'Give your user name.' : null),
      password: (value) => (value === '' ? 'Give your password.' : null),
    },
  });
  return (
    <Form
      form={form}
      failure="Could not sign in."
      onSubmit={async ({ name, password, code, keepSignedIn }) => {
        try {
          const body = { name: name.trim(), password, keepSignedIn, ...(needsCode && { code: code.trim() }) };
          onDone(takeSession(await api.post<Session>('/session', body)));
        } catch (error) {
          if (!(error instanceof ApiProblem) || error.code !== 'second_factor_needed') throw error;
          setNeedsCode(true);
        }
      }}
      footer={({ isSending }) => (
        <Button type="submit" loading={isSending} fullWidth>
          Sign in
        </Button>
      )}
    >
      {intro !== undefined && <Text size="sm">{intro}</Text>}
      <Stack gap="sm">
        <TextInput label="User name" autoComplete="username" data-autofocus {...form.getInputProps('name')} />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          {...form.getInputProps('password')}
        />
        {needsCode && (
          <TextInput
            label="Code"
            description="Six digits from your authenticator app, or a recovery code."
            inputMode="numeric"
            autoComplete="one-time-code"
            autoFocus
            {...form.getInputProps('code')}
          />
        )}
        <Checkbox
          label="Keep me signed in on this device"
          {...form.getInputProps('keepSignedIn', { type: 'checkbox' })}
        />
      </Stack>
    </Form>
  );
}
