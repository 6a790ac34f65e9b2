import { Alert, Button, Divider, Paper, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useApi } from '../../components/loaded.tsx';
import { ownAddress } from '../../components/own-address.ts';
import { useUrlState } from '../../components/url-state.ts';
import { MarkIcon } from '../../shell/mark.tsx';
import classes from './sign-in.module.css';
import { SignInForm } from './sign-in-form.tsx';

/** What is known of the place before anybody signed in. */
interface Place {
  readonly setupOpen: boolean;
  readonly teamName: string;
  readonly identityProviders: readonly { readonly name: string; readonly displayName: string }[];
}

/** Why coming back from an identity provider did not work, by what the manager says in the address. */
const PROVIDER_PROBLEMS: Readonly<Record<string, string>> = {
  provider_unreachable: 'The identity provider did not answer. Try again, or tell an administrator.',
  provider_refused: 'The identity provider did not sign you in. Try again.',
  sign_in_expired: 'That took too long, or was begun in another window. Try again.',
  not_admitted: 'You may not use this console. Ask an administrator to let you in.',
};

/** Sign in (console.md §4.2). */
export function SignIn() {
  useDocumentTitle('Sign in · Gatewright');
  const [{ returnTo, problem }] = useUrlState();
  const navigate = useNavigate();
  const { data: place } = useApi<Place>('/sign-in');
  const target = ownPath(returnTo);
  return (
    <main className={classes.place}>
      <Paper className={`surface ${classes.card}`}>
        <Stack>
          <div className={classes.head}>
            <MarkIcon size={32} />
            <div>
              <Title order={1}>Sign in</Title>
              <Text size="sm" c="dimmed">
                Gatewright{place?.teamName ? ` · ${place.teamName}` : ''}
              </Text>
            </div>
          </div>
          {place?.setupOpen === true && (
            <Text size="sm">
              Nobody can sign in yet: open the one-time link that the start printed, or make a new one with{' '}
              <code className="mono">gatewright admin setup-link</code>.
            </Text>
          )}
          {problem !== undefined && (
            <Alert color="red" role="alert">
              {PROVIDER_PROBLEMS[problem] ?? 'Signing in did not work. Try again.'}
            </Alert>
          )}
          <SignInForm onDone={() => void navigate({ href: target })} />
          {(place?.identityProviders.length ?? 0) > 0 && <Divider label="or" />}
          {place?.identityProviders.map(({ name, displayName }) => (
            <Button
              key={name}
              variant="default"
              component="a"
              className={classes.provider ?? ''}
              href={`/api/v1/sign-in/${encodeURIComponent(name)}?returnTo=${encodeURIComponent(target)}`}
            >
              Sign in with {displayName}
            </Button>
          ))}
        </Stack>
      </Paper>
    </main>
  );
}

/** A path of this console; anything else would lead people away after they signed in. */
function ownPath(text: string | undefined): string {
  return text?.startsWith('/') ? ownAddress(text) : '/';
}
