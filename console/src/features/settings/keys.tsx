import { ActionIcon, Button, Menu, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconDots, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { ManagementKey } from '#core/model/management-key';
import type { RoleGrant } from '#core/model/role';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight, useSession } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import { CodeLine } from '../../components/code-line.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom, Moment } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { Empty } from '../../components/states.tsx';
import { RolesInput, rolesInWords } from './roles-input.tsx';
import { SettingsPage } from './settings-page.tsx';

const DAY_MS = 86_400_000;

/** How long a new key lasts. */
const LIVES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'Until it is ended' },
];

/** Keys with which programs use the management API. */
export function ApiKeys() {
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<string>();
  const [ending, setEnding] = useState<ManagementKey>();
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add
    </Button>
  );
  return (
    <SettingsPage part="/settings/keys" actions={add}>
      <ListView<ManagementKey>
        address="/management-keys"
        what="API access keys"
        hasSearch={false}
        rowKey={(key) => key.id}
        columns={[
          { id: 'name', title: 'Name', cell: (key) => key.displayName },
          { id: 'owner', title: 'Belongs to', cell: (key) => key.owner ?? 'Nobody (machine)' },
          { id: 'roles', title: 'Roles', cell: (key) => rolesInWords(key.roles) },
          { id: 'hint', title: 'Key', cell: (key) => <span className="mono">{key.hint}</span> },
          { id: 'state', title: 'State', cell: (key) => <StateBadge state={key.active ? 'active' : 'ended'} /> },
          { id: 'ends', title: 'Ends', cell: (key) => (key.endsAt === undefined ? '–' : <Moment at={key.endsAt} />) },
          {
            id: 'used',
            title: 'Last used',
            cell: (key) => (key.lastUsedAt === undefined ? 'Never' : <Moment at={key.lastUsedAt} />),
          },
          { id: 'made', title: 'Made', cell: (key) => <ByWhom by={key.createdBy} at={key.createdAt} /> },
          {
            id: 'menu',
            title: 'Acts',
            isUnnamed: true,
            width: 44,
            cell: (key) => (
              <Menu position="bottom-end">
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={`Acts on ${key.displayName}`}>
                    <IconDots size={16} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setEnding(key)}>End now…</Menu.Item>
                </Menu.Dropdown>
              </Menu>
            ),
          },
        ]}
        empty={
          <Empty title="No API access keys yet" actions={add}>
            The command line and your own programs use the management API with a key: GATEWRIGHT_TOKEN.
          </Empty>
        }
      />
      <Dialog title="Add an API access key" isOpen={isAdding} onClose={() => setAdding(false)}>
        <AddKey
          onCancel={() => setAdding(false)}
          onMade={(key) => {
            setAdding(false);
            setMade(key);
          }}
        />
      </Dialog>
      <Dialog title="The new key" isOpen={made !== undefined} onClose={() => setMade(undefined)}>
        <Stack>
          <Text size="sm">It is shown this once. Only a fingerprint of it is kept here.</Text>
          <CodeLine value={made ?? ''} label="Copy the key" />
          <Text size="sm" fw={600}>
            With the command line
          </Text>
          <CodeLine
            value={`GATEWRIGHT_SERVER=${location.origin} GATEWRIGHT_TOKEN=${made ?? ''} gatewright status`}
            label="Copy the command"
          />
        </Stack>
      </Dialog>
      <Confirm
        title={`End ${ending?.displayName ?? ''} now?`}
        act="End key now"
        isDestructive
        isOpen={ending !== undefined}
        failure="Could not end the key."
        onClose={() => setEnding(undefined)}
        onConfirm={async () => {
          await api.remove(path`/management-keys/${ending?.name ?? ''}`);
          await refreshAll();
          tell('The key has ended.');
        }}
      >
        Whatever uses it is refused from now on. This cannot be undone.
      </Confirm>
    </SettingsPage>
  );
}

function AddKey({ onCancel, onMade }: { readonly onCancel: () => void; readonly onMade: (key: string) => void }) {
  const { roles } = useSession();
  const machines = useRight('management-keys:write');
  const form = useForm<{ displayName: string; owner: string; roles: RoleGrant[]; days: string }>({
    initialValues: { displayName: '', owner: 'self', roles: [...roles], days: '90' },
    validate: {
      displayName: (value) => (value.trim() === '' ? 'Give it a name.' : null),
      roles: (value) => (value.length === 0 ? 'Give one role at least.' : null),
    },
  });
  return (
    <Form
      form={form}
      submit="Make the key"
      failure="Could not make the key."
      onCancel={onCancel}
      onSubmit={async ({ displayName, owner, roles: chosen, days }) => {
        const { key } = await api.post<{ readonly key: string }>('/management-keys', {
          displayName: displayName.trim(),
          owner,
          roles: chosen,
          ...(days !== '' && { endsAt: Date.now() + Number(days) * DAY_MS }),
        });
        await refreshAll();
        onMade(key);
      }}
    >
      <TextInput
        label="Name"
        description="What uses it, e.g. Release pipeline."
        required
        data-autofocus
        {...form.getInputProps('displayName')}
      />
      {machines.allowed && (
        <Radio.Group label="It belongs to" {...form.getInputProps('owner')}>
          <Stack gap={6} mt={6}>
            <Radio value="self" label="Me" description="It never may more than I may, and ends with my access." />
            <Radio value="machine" label="A machine" description="It belongs to nobody and may what its roles say." />
          </Stack>
        </Radio.Group>
      )}
      <RolesInput {...form.getInputProps('roles')} />
      <Select label="Lasts" allowDeselect={false} data={LIVES} {...form.getInputProps('days')} />
    </Form>
  );
}
