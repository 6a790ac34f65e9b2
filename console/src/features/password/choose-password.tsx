import { Button, Paper, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Form } from '../../components/form.tsx';
import { LinkButton } from '../../components/link.tsx';
import { MarkIcon } from '../../shell/mark.tsx';
import classes from '../sign-in/sign-in.module.css';
import { checkNewPassword, NewPasswordFields } from './new-password-fields.tsx';

/** Choose a password, with the one-time link that an administrator gave. */
export function ChoosePassword() {
  useDocumentTitle('Choose a password · Gatewright');
  const { token = '' } = useParams({ strict: false }) as { readonly token?: string };
  const [isDone, setDone] = useState(false);
  const form = useForm({
    initialValues: { password: '', again: '' },
    validate: checkNewPassword,
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
              <NewPasswordFields form={form} />
            </Form>
          )}
        </Stack>
      </Paper>
    </main>
  );
}
