import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { encode } from 'uqr';
import { api } from '../../api/client.ts';
import { loadSession, useSession } from '../../api/session.ts';
import { CodeLine } from '../../components/code-line.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';

interface NewFactor {
  readonly secret: string;
  readonly uri: string;
}

/** Time-based codes as a second factor (RFC 6238): set up with a QR code, confirmed with a code, with recovery codes. */
export function SecondFactor() {
  const { user, mustAddSecondFactor } = useSession();
  const [asks, setAsks] = useState<'add' | 'remove'>();
  const [factor, setFactor] = useState<NewFactor>();
  const [codes, setCodes] = useState<readonly string[]>();
  return (
    <Stack gap="sm">
      {mustAddSecondFactor && (
        <Alert title="A second factor is required" style={{ borderLeftColor: 'var(--warn)' }}>
          Set one up to go on; until then nothing else is allowed.
        </Alert>
      )}
      <Text size="sm">
        {user.secondFactor
          ? 'On: signing in needs a code from your authenticator app.'
          : 'Off. With an authenticator app, a password that somebody learns is not enough to sign in.'}
      </Text>
      <Group>
        {user.secondFactor ? (
          <Button variant="default" onClick={() => setAsks('remove')}>
            Turn off…
          </Button>
        ) : (
          <Button onClick={() => setAsks('add')}>Set up…</Button>
        )}
      </Group>
      <Dialog
        title={asks === 'remove' ? 'Turn the second factor off' : 'Set up a second factor'}
        isOpen={asks !== undefined}
        onClose={() => setAsks(undefined)}
      >
        <PasswordForm
          act={asks === 'remove' ? 'Turn off' : 'Go on'}
          onPassword={async (password) => {
            if (asks === 'remove') {
              await api.remove('/session/second-factor', { body: { password } });
              await loadSession();
              tell('The second factor is off.');
            } else setFactor(await api.post<NewFactor>('/session/second-factor', { password }));
            setAsks(undefined);
          }}
        />
      </Dialog>
      <Dialog title="Set up a second factor" isOpen={factor !== undefined} onClose={() => setFactor(undefined)}>
        {factor !== undefined && (
          <ConfirmFactor
            factor={factor}
            onDone={(recoveryCodes) => {
              setFactor(undefined);
              setCodes(recoveryCodes);
            }}
          />
        )}
      </Dialog>
      <Dialog title="Recovery codes" isOpen={codes !== undefined} onClose={() => setCodes(undefined)}>
        <Stack>
          <Text size="sm">
            Each of these works once instead of a code, when your authenticator app is lost. They are shown this once.
          </Text>
          <CodeLine value={(codes ?? []).join('\n')} label="Copy the recovery codes" />
          <Group justify="flex-end">
            <Button onClick={() => setCodes(undefined)}>I have saved them</Button>
          </Group>
        </Stack>
      </Dialog>
    </Stack>
  );
}

function PasswordForm({
  act,
  onPassword,
}: {
  readonly act: string;
  readonly onPassword: (password: string) => Promise<void>;
}) {
  const form = useForm({ initialValues: { password: '' } });
  return (
    <Form form={form} submit={act} failure="Could not go on." onSubmit={({ password }) => onPassword(password)}>
      <PasswordInput
        label="Your password"
        autoComplete="current-password"
        data-autofocus
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        {...form.getInputProps('password')}
      />
    </Form>
  );
}

function ConfirmFactor({
  factor,
  onDone,
}: {
  readonly factor: NewFactor;
  readonly onDone: (codes: readonly string[]) => void;
}) {
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (/^\s*\d{6}\s*$/.test(value) ? null : 'Six digits.') },
  });
  return (
    <Form
      form={form}
      submit="Confirm"
      failure="Could not confirm the code."
      onSubmit={async ({ code }) => {
        const { recoveryCodes } = await api.post<{ readonly recoveryCodes: readonly string[] }>(
          '/session/second-factor/confirm',
          {
            code: code.trim(),
          },
        );
        await loadSession();
        onDone(recoveryCodes);
      }}
    >
      <Text size="sm">
        Scan this with your authenticator app, or type the secret in, then give the code that it shows.
      </Text>
      <QrCode text={factor.uri} />
      <CodeLine value={factor.secret} label="Copy the secret" />
      <TextInput label="Code" inputMode="numeric" autoComplete="one-time-code" {...form.getInputProps('code')} />
    </Form>
  );
}

/** A QR code, dark on white in both schemes: cameras want it so. */
function QrCode({ text }: { readonly text: string }) {
  const { size, data } = encode(text, { border: 2 });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      width={188}
      height={188}
      role="img"
      aria-label="QR code of the secret"
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join('')} fill="#000" />
    </svg>
  );
}
