import { Button, Checkbox, Paper, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useNavigate, useParams } from '@tanstack/react-router';
import type { Session } from '#core/model/user';
import { api } from '../../api/client.ts';
import { takeSession } from '../../api/session.ts';
import { CodeLine } from '../../components/code-line.tsx';
import { Form } from '../../components/form.tsx';
import { LinkButton } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { MarkIcon } from '../../shell/mark.tsx';
import { checkNewPassword, NewPasswordFields } from '../password/new-password-fields.tsx';
import classes from '../sign-in/sign-in.module.css';

/** First run: the first administrator (console.md §4.1). The link that leads here works once. */
export function Setup() {
  useDocumentTitle('Set up · Gatewright');
  const state = useApi<{ readonly open: boolean }>('/setup');
  return (
    <main className={classes.place}>
      <Paper className={`surface ${classes.card}`}>
        <Stack>
          <div className={classes.head}>
            <MarkIcon size={32} />
            <div>
              <Title order={1}>Set up Gatewright</Title>
              <Text size="sm" c="dimmed">
                The first administrator
              </Text>
            </div>
          </div>
          <Loaded result={state} what="the state of the setup">
            {({ open }) => (open ? <SetupForm /> : <Closed />)}
          </Loaded>
        </Stack>
      </Paper>
    </main>
  );
}

function Closed() {
  return (
    <>
      <Text size="sm">This server is already set up, or the link is older than a day.</Text>
      <LinkButton to="/login">Sign in</LinkButton>
      <Text size="sm" c="dimmed">
        When nobody can sign in yet, this makes a new link:
      </Text>
      <CodeLine value="gatewright admin setup-link" label="Copy the command" />
    </>
  );
}

function SetupForm() {
  const { token = '' } = useParams({ strict: false }) as { readonly token?: string };
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { name: 'admin', password: '', again: '', teamName: '', sample: true },
    validateInputOnBlur: true,
    validate: {
      name: (value) =>
        /^[a-z0-9](?:[a-z0-9._@-]{0,61}[a-z0-9])?$/.test(value) ? null : 'Lower-case letters, digits and . _ @ - only.',
      ...checkNewPassword,
    },
  });
  return (
    <Form
      form={form}
      failure="Could not set up."
      onSubmit={async ({ name, password, teamName, sample }) => {
        takeSession(
          await api.post<Session>('/setup', {
            token,
            name,
            password,
            sample,
            ...(teamName.trim() !== '' && { teamName: teamName.trim() }),
          }),
        );
        await navigate({ to: '/' });
      }}
      footer={({ isSending }) => (
        <Button type="submit" loading={isSending} fullWidth>
          Create
        </Button>
      )}
    >
      <TextInput label="User name" required autoComplete="username" {...form.getInputProps('name')} />
      <NewPasswordFields form={form} />
      <TextInput
        label="Team name"
        description="Shown in the header, e.g. Commerce."
        maxLength={64}
        {...form.getInputProps('teamName')}
      />
      <Checkbox
        label="Add a sample"
        description="A token end point and an API that answers by itself, deployed, with a client: to look at and to call."
        {...form.getInputProps('sample', { type: 'checkbox' })}
      />
    </Form>
  );
}
