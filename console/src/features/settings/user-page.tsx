import { Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { RoleGrant } from '#core/model/role';
import type { User } from '#core/model/user';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight, useSession } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import { CodeLine } from '../../components/code-line.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { formatTime } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { tell, tellFailure } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Surface } from '../../components/surface.tsx';
import { RolesInput } from './roles-input.tsx';

/** One person: roles, and what an admin may do for them. */
export function UserPage() {
  const { user: name = '' } = useParams({ strict: false }) as { readonly user?: string };
  const result = useApi<User>(path`/users/${name}`);
  return (
    <Loaded result={result} what="the user">
      {(user) => <UserView user={user} />}
    </Loaded>
  );
}

function UserView({ user }: { readonly user: User }) {
  const [asks, setAsks] = useState<'delete' | 'sign-out'>();
  const [link, setLink] = useState<{ readonly link: string; readonly endsAt: number }>();
  const right = useRight('users:write');
  const { user: self } = useSession();
  const navigate = useNavigate();
  const address = path`/users/${user.name}`;
  const act = async (work: () => Promise<void>, failure: string) => {
    try {
      await work();
      await refreshAll();
    } catch (error) {
      tellFailure(failure, error);
    }
  };
  return (
    <Page
      title={user.displayName}
      crumbs={[
        <Link key="users" to="/settings/users">
          Users and roles
        </Link>,
      ]}
      badges={<StateBadge state={user.active ? 'active' : 'disabled'} />}
      actions={
        <>
          <GuardedButton
            right={right}
            variant="default"
            disabled={user.id === self.id}
            onClick={() => setAsks('delete')}
          >
            Delete…
          </GuardedButton>
          {user.lockedUntil !== undefined && (
            <GuardedButton
              right={right}
              variant="default"
              onClick={() => void act(() => api.post(`${address}/unlock`), 'Could not unlock the user.')}
            >
              Unlock
            </GuardedButton>
          )}
          <GuardedButton right={right} variant="default" onClick={() => setAsks('sign-out')}>
            Sign out everywhere…
          </GuardedButton>
          {user.source === 'local' && (
            <GuardedButton
              right={right}
              variant="default"
              onClick={() =>
                void act(async () => setLink(await api.post(`${address}/password-link`)), 'Could not make a link.')
              }
            >
              Make a password link
            </GuardedButton>
          )}
        </>
      }
    >
      <Stack maw={640}>
        {user.lockedUntil !== undefined && (
          <Text size="sm">Locked after too many tries until {formatTime(user.lockedUntil)}.</Text>
        )}
        <Surface title="Settings">
          <UserForm user={user} isSelf={user.id === self.id} />
        </Surface>
      </Stack>
      <Dialog title="Password link" isOpen={link !== undefined} onClose={() => setLink(undefined)}>
        <Stack>
          <Text size="sm">
            With this link {user.displayName} chooses a new password. It works once, until{' '}
            {link === undefined ? '' : formatTime(link.endsAt)}, and is shown this once.
          </Text>
          <CodeLine value={link?.link ?? ''} label="Copy the link" />
        </Stack>
      </Dialog>
      <Confirm
        title={`Sign ${user.displayName} out everywhere?`}
        act="Sign out everywhere"
        isOpen={asks === 'sign-out'}
        failure="Could not sign the user out."
        onClose={() => setAsks(undefined)}
        onConfirm={async () => {
          await api.post(`${address}/sign-out`);
          await refreshAll();
          tell(`${user.displayName} is signed out everywhere.`);
        }}
      >
        Every session of theirs ends, and so do their API access keys.
      </Confirm>
      <Confirm
        title={`Delete ${user.displayName}?`}
        act="Delete user"
        isDestructive
        isOpen={asks === 'delete'}
        failure="Could not delete the user."
        onClose={() => setAsks(undefined)}
        onConfirm={async () => {
          await api.remove(address);
          await navigate({ to: '/settings/users' });
          await refreshAll();
          tell(`${user.displayName} is deleted.`);
        }}
      >
        Their sessions and API access keys end at once. What they did stays in the audit trail.
      </Confirm>
    </Page>
  );
}

function UserForm({ user, isSelf }: { readonly user: User; readonly isSelf: boolean }) {
  const right = useRight('users:write');
  const form = useForm<{ displayName: string; email: string; roles: RoleGrant[]; active: boolean }>({
    initialValues: { displayName: user.displayName, email: user.email, roles: [...user.roles], active: user.active },
    validate: { roles: (value) => (value.length === 0 ? 'Give one role at least.' : null) },
  });
  return (
    <Form
      form={form}
      guard
      failure="Could not save the user."
      {...(right.allowed && { submit: 'Save' })}
      edited={{ address: path`/users/${user.name}`, revision: user.revision }}
      onSubmit={async (values, ifMatch) => {
        const saved = await api.patch<User>(path`/users/${user.name}`, values, ifMatch);
        await refreshAll();
        tell('Saved.');
        return saved;
      }}
    >
      <TextInput label="User name" value={user.name} readOnly description="Stays as it is." />
      <TextInput label="Name" required {...form.getInputProps('displayName')} />
      <TextInput label="E-mail" type="email" {...form.getInputProps('email')} />
      <RolesInput {...form.getInputProps('roles')} />
      <Checkbox
        label="Active"
        description="Off: signed out everywhere, and their API access keys end."
        disabled={isSelf}
        {...form.getInputProps('active', { type: 'checkbox' })}
      />
      <Text size="xs" c="dimmed">
        Changing roles ends their sessions and API access keys, so that nothing goes on with the old ones.
      </Text>
    </Form>
  );
}
