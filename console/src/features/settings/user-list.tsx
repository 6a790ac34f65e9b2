import { Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { RoleGrant } from '#core/model/role';
import type { User } from '#core/model/user';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge, Status } from '../../components/badges.tsx';
import { CodeLine } from '../../components/code-line.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { Moment } from '../../components/moment.tsx';
import { Empty } from '../../components/states.tsx';
import { RolesInput, rolesInWords } from './roles-input.tsx';
import { SettingsPage } from './settings-page.tsx';

const columns: readonly Column<User>[] = [
  {
    id: 'name',
    title: 'User',
    sort: 'name',
    cell: (user) => <Link to={`/settings/users/${user.name}`}>{user.name}</Link>,
  },
  { id: 'displayName', title: 'Name', sort: 'displayName', cell: (user) => user.displayName },
  { id: 'roles', title: 'Roles', cell: (user) => rolesInWords(user.roles) },
  {
    id: 'state',
    title: 'State',
    cell: (user) =>
      user.lockedUntil !== undefined ? (
        <Status tone="orange">Locked</Status>
      ) : (
        <StateBadge state={user.active ? 'active' : 'disabled'} />
      ),
  },
  { id: 'factor', title: 'Second factor', cell: (user) => (user.secondFactor ? 'On' : 'Off') },
  {
    id: 'signed-in',
    title: 'Last signed in',
    cell: (user) => (user.lastSignedInAt === undefined ? 'Never' : <Moment at={user.lastSignedInAt} />),
  },
];

/** People of the console and what they may do. */
export function UserList() {
  const [isAdding, setAdding] = useState(false);
  const [link, setLink] = useState<{ readonly name: string; readonly link: string }>();
  const read = useRight('users:read');
  const right = useRight('users:write');
  const navigate = useNavigate();
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add
    </GuardedButton>
  );
  if (!read.allowed)
    return (
      <SettingsPage part="/settings/users">
        <div className="surface">
          <Empty title="Users are not shown to you">{read.reason}.</Empty>
        </div>
      </SettingsPage>
    );
  return (
    <SettingsPage part="/settings/users" actions={add}>
      <ListView<User>
        address="/users"
        what="users"
        columns={columns}
        rowKey={(user) => user.id}
        defaultSort="name"
        onOpen={(user) => void navigate({ to: `/settings/users/${user.name}` })}
        empty={<Empty title="No users yet">Add the people who work with this console.</Empty>}
      />
      <Dialog title="Add a user" isOpen={isAdding} onClose={() => setAdding(false)}>
        <AddUser
          onCancel={() => setAdding(false)}
          onMade={(made) => {
            setAdding(false);
            setLink(made);
          }}
        />
      </Dialog>
      <Dialog title={`Link for ${link?.name ?? ''}`} isOpen={link !== undefined} onClose={() => setLink(undefined)}>
        <Stack>
          <Text size="sm">
            Give {link?.name} this link: with it they choose their password. It works once and is shown this once.
          </Text>
          <CodeLine value={link?.link ?? ''} label="Copy the link" />
        </Stack>
      </Dialog>
    </SettingsPage>
  );
}

function AddUser({
  onCancel,
  onMade,
}: {
  readonly onCancel: () => void;
  readonly onMade: (made: { readonly name: string; readonly link: string }) => void;
}) {
  const form = useForm<{ name: string; displayName: string; email: string; roles: RoleGrant[] }>({
    initialValues: { name: '', displayName: '', email: '', roles: [{ role: 'viewer' }] },
    validateInputOnBlur: ['name', 'email'],
    validate: {
      name: (value) =>
        /^[a-z0-9](?:[a-z0-9._@-]{0,61}[a-z0-9])?$/.test(value) ? null : 'Lower-case letters, digits and . _ @ - only.',
      email: (value) =>
        value === '' || /^\S+@\S+\.\S+$/.test(value) ? null : 'An address like ravi@example.com, or nothing.',
      roles: (value) => (value.length === 0 ? 'Give one role at least.' : null),
    },
  });
  return (
    <Form
      form={form}
      submit="Create"
      failure="Could not create the user."
      onCancel={onCancel}
      onSubmit={async ({ name, displayName, email, roles }) => {
        const body = { name, email, roles, ...(displayName.trim() !== '' && { displayName: displayName.trim() }) };
        const made = await api.post<User>('/users', body);
        const { link } = await api.post<{ readonly link: string }>(path`/users/${made.name}/password-link`);
        await refreshAll();
        onMade({ name: made.name, link });
      }}
    >
      <TextInput
        label="User name"
        description="To sign in with."
        required
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput label="Name" description="As others see it." {...form.getInputProps('displayName')} />
      <TextInput label="E-mail" type="email" {...form.getInputProps('email')} />
      <RolesInput {...form.getInputProps('roles')} />
    </Form>
  );
}
