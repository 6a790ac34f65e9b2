import { Button, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Form } from '../../components/form.tsx';
import { LinkButton } from '../../components/link.tsx';
import { MarkIcon } from '../../shell/mark.tsx';
import { PasswordStrength } from '../setup/password-strength.tsx';
import classes from '../sign-in/sign-in.module.css';

/** Choose a password, with the one-time link that an administrator gave. */
export function ChoosePassword() {
  useDocumentTitle('Choose a password · Gatewright');
  const { token = '' } = useParams({ strict: false }) as { readonly token?: string };
  const [isDone, setDone] = useState(false);
  const form = useForm({
    initialValues: { password: '', again: '' },
    validate: {
      password: (value) => (value.length < 12 ? 'At least 12 characters.' : null),
      again: (value, { password }) => (value === password ? null : 'The two passwords differ.'),
    },
  });
  return (
    <main className={classes.place}>
      <Paper className={`surface ${classes.card}`}>
        <Stack>
          <div className={classes.head}>
            <MarkIcon size={32} />
            <Title order={1}>Choose a password</Title>
          </div>
          {isDone ? (
            <>
              <Text size="sm">The password is set.</Text>
              <LinkButton to="/login">Sign in</LinkButton>
            </>
          ) : (
            <Form
              form={form}
              failure="Could not set the password."
              onSubmit={async ({ password }) => {
                await api.post('/password', { token, password });
                setDone(true);
              }}
              footer={({ isSending }) => (
                <Button type="submit" fullWidth loading={isSending}>
                  Set password
                </Button>
              )}
            >
              <div>
                <PasswordInput
                  label="Password"
                  description="At least 12 characters."
                  autoComplete="new-password"
                  visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
                  {...form.getInputProps('password')}
                />
                <PasswordStrength password={form.values.password} />
              </div>
              <PasswordInput
                label="Password again"
                autoComplete="new-password"
                visibilityToggleButtonProps={{ 'aria-label': 'Show the repeated password' }}
                {...form.getInputProps('again')}
              />
            </Form>
          )}
        </Stack>
      </Paper>
    </main>
  );
}
