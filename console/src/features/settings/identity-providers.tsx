import { ActionIcon, Anchor, Button, Checkbox, Group, Menu, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDots, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import type { IdentityProvider } from '#core/model/identity-provider';
import type { RoleGrant } from '#core/model/role';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import { CodeLine } from '../../components/code-line.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { Empty } from '../../components/states.tsx';
import { RolesInput } from './roles-input.tsx';
import { SettingsPage } from './settings-page.tsx';

/** OpenID Connect providers through which people sign in. */
export function IdentityProviders() {
  const [edited, setEdited] = useState<IdentityProvider | 'new'>();
  const [removed, setRemoved] = useState<IdentityProvider>();
  const read = useRight('identity-providers:read');
  const right = useRight('identity-providers:write');
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>
      Add
    </GuardedButton>
  );
  if (!read.allowed)
    return (
      <SettingsPage part="/settings/identity-providers">
        <div className="surface">
          <Empty title="Identity providers are not shown to you">{read.reason}.</Empty>
        </div>
      </SettingsPage>
    );
  return (
    <SettingsPage part="/settings/identity-providers" actions={add}>
      <ListView<IdentityProvider>
        address="/identity-providers"
        what="identity providers"
        hasSearch={false}
        rowKey={(provider) => provider.id}
        onOpen={setEdited}
        columns={[
          {
            id: 'name',
            title: 'Name',
            cell: (provider) => (
              <Anchor
                component="button"
                type="button"
                size="sm"
                fw={550}
                ta="left"
                maw="100%"
                onClick={() => setEdited(provider)}
              >
                {provider.displayName}
              </Anchor>
            ),
          },
          { id: 'issuer', title: 'Issuer', cell: (provider) => <span className="mono">{provider.issuer}</span> },
          {
            id: 'state',
            title: 'State',
            cell: (provider) => <StateBadge state={provider.active ? 'active' : 'disabled'} />,
          },
          {
            id: 'changed',
            title: 'Changed',
            cell: (provider) => <ByWhom by={provider.updatedBy} at={provider.updatedAt} />,
          },
          {
            id: 'menu',
            title: 'Acts',
            isUnnamed: true,
            width: 44,
            cell: (provider) =>
              right.allowed && (
                <Menu position="bottom-end">
                  <Menu.Target>
                    <ActionIcon variant="subtle" color="gray" aria-label={`Acts on ${provider.displayName}`}>
                      <IconDots size={16} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => setEdited(provider)}>Edit…</Menu.Item>
                    <Menu.Item onClick={() => setRemoved(provider)}>Delete…</Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              ),
          },
        ]}
        empty={
          <Empty title="No identity providers" actions={add}>
            People can sign in through an OpenID Connect provider of yours, instead of a password kept here.
          </Empty>
        }
      />
      <Dialog
        title={edited === 'new' ? 'Add an identity provider' : 'Edit the identity provider'}
        size="lg"
        isOpen={edited !== undefined}
        onClose={() => setEdited(undefined)}
      >
        {edited !== undefined && (
          <ProviderForm provider={edited === 'new' ? undefined : edited} onDone={() => setEdited(undefined)} />
        )}
      </Dialog>
      <Confirm
        title={`Delete ${removed?.displayName ?? ''}?`}
        act="Delete provider"
        isDestructive
        isOpen={removed !== undefined}
        failure="Could not delete the provider."
        onClose={() => setRemoved(undefined)}
        onConfirm={async () => {
          await api.remove(path`/identity-providers/${removed?.name ?? ''}`);
          await refreshAll();
          tell('The provider is deleted.');
        }}
      >
        Nobody signs in through it from now on.
      </Confirm>
    </SettingsPage>
  );
}

interface ProviderValues extends Record<string, unknown> {
  displayName: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: string[];
  nameClaim: string;
  roleClaim: string;
  roleMapping: { value: string; roles: RoleGrant[] }[];
  defaultRoles: RoleGrant[];
  createUsers: boolean;
  active: boolean;
}

function ProviderForm({
  provider,
  onDone,
}: {
  readonly provider: IdentityProvider | undefined;
  readonly onDone: () => void;
}) {
  const right = useRight('identity-providers:write');
  const form = useForm<ProviderValues>({
    initialValues: {
      displayName: provider?.displayName ?? '',
      issuer: provider?.issuer ?? '',
      clientId: provider?.clientId ?? '',
      clientSecret: '',
      scopes: provider?.scopes ?? ['profile', 'email'],
      nameClaim: provider?.nameClaim ?? 'preferred_username',
      roleClaim: provider?.roleClaim ?? '',
      roleMapping: provider?.roleMapping ?? [],
      defaultRoles: provider?.defaultRoles ?? [],
      createUsers: provider?.createUsers ?? false,
      active: provider?.active ?? true,
    },
    validate: {
      displayName: (value) => (value.trim() === '' ? 'Give it a name.' : null),
      issuer: (value) => (/^https?:\/\/\S+$/.test(value) ? null : 'An https URL, e.g. https://login.example.com.'),
      clientId: (value) => (value === '' ? 'Give the client id that the provider gave.' : null),
      clientSecret: (value) =>
        value === '' && provider === undefined ? 'Give the client secret that the provider gave.' : null,
      roleMapping: (value) =>
        value.some((row) => row.value === '' || row.roles.length === 0) ? 'Every row needs a value and a role.' : null,
    },
  });
  return (
    <Form
      form={form}
      failure="Could not save the provider."
      onCancel={onDone}
      {...(right.allowed && { submit: provider === undefined ? 'Create' : 'Save' })}
      onSubmit={async ({ clientSecret, roleClaim, ...values }) => {
        const body = {
          ...values,
          ...(clientSecret !== '' && { clientSecret }),
          ...(roleClaim !== '' && { roleClaim }),
        };
        if (provider === undefined) await api.post('/identity-providers', body);
        else await api.patch(path`/identity-providers/${provider.name}`, body, provider.revision);
        await refreshAll();
        onDone();
        tell('Saved.');
      }}
    >
      <TextInput
        label="Name"
        description="As on the button: Sign in with …"
        required
        data-autofocus
        {...form.getInputProps('displayName')}
      />
      <TextInput label="Issuer" placeholder="https://login.example.com" required {...form.getInputProps('issuer')} />
      <TextInput label="Client id" required {...form.getInputProps('clientId')} />
      <TextInput
        label="Client secret"
        type="password"
        autoComplete="off"
        description={
          provider === undefined ? 'Kept encrypted and never shown again.' : 'Left empty: the one that is kept stays.'
        }
        {...form.getInputProps('clientSecret')}
      />
      {provider?.callbackUrl !== undefined && (
        <div>
          <Text size="sm" fw={600}>
            Redirect URI, to be registered at the provider
          </Text>
          <CodeLine value={provider.callbackUrl} label="Copy the redirect URI" />
        </div>
      )}
      <TagsInput label="Scopes" description="Asked for beside openid." {...form.getInputProps('scopes')} />
      <TextInput label="Claim of the user name" required {...form.getInputProps('nameClaim')} />
      <TextInput
        label="Claim of the roles"
        description="Groups or roles of the person, e.g. groups. Empty: everybody gets the roles below."
        {...form.getInputProps('roleClaim')}
      />
      {form.values.roleClaim !== '' && (
        <RoleMapping
          rows={form.values.roleMapping}
          error={form.errors.roleMapping}
          onChange={(rows) => form.setFieldValue('roleMapping', rows)}
        />
      )}
      <Text size="sm" c="dimmed">
        Roles of those for whom the claim says nothing. None: they are refused.
      </Text>
      <RolesInput {...form.getInputProps('defaultRoles')} />
      <Checkbox
        label="Whoever signs in first becomes a user"
        description="Off: an admin must have added them."
        {...form.getInputProps('createUsers', { type: 'checkbox' })}
      />
      <Checkbox label="Active" {...form.getInputProps('active', { type: 'checkbox' })} />
    </Form>
  );
}

function RoleMapping({
  rows,
  onChange,
  error,
}: {
  readonly rows: readonly { readonly value: string; readonly roles: RoleGrant[] }[];
  readonly onChange: (rows: { value: string; roles: RoleGrant[] }[]) => void;
  readonly error: React.ReactNode;
}) {
  const set = (index: number, change: Partial<{ value: string; roles: RoleGrant[] }>) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, ...change } : row)));
  return (
    <Stack gap="sm">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed
        <div key={index} className="surface" style={{ padding: 12 }}>
          <Group justify="space-between" align="flex-end" mb="xs">
            <TextInput
              label="Value of the claim"
              value={row.value}
              onChange={(event) => set(index, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove the mapping of ${row.value || index + 1}`}
              onClick={() => onChange(rows.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
          <RolesInput value={row.roles} onChange={(roles) => set(index, { roles })} />
        </div>
      ))}
      {error !== undefined && error !== null && (
        <Text size="xs" c="var(--mantine-color-error)">
          {error}
        </Text>
      )}
      <div>
        <Button size="compact-sm" variant="default" onClick={() => onChange([...rows, { value: '', roles: [] }])}>
          Add a value
        </Button>
      </div>
    </Stack>
  );
}
