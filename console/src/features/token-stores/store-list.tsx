import { Menu, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { TokenStoreView } from '#core/model/token-store';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { Empty } from '../../components/states.tsx';
import { SettingsPage } from '../settings/settings-page.tsx';
import { DeleteStore, MakeDefault, TestStore } from './store-acts.tsx';
import { AddStore } from './store-form.tsx';
import { HealthWords, recordsOf } from './store-health.tsx';
import { STORE_KINDS } from './store-kinds.ts';

const REFRESH_MS = 10_000;
const PART = '/settings/token-stores';

/** Where tokens, codes, refresh tokens, grants and consents are kept. */
export function TokenStores() {
  const read = useRight('token-stores:read');
  const right = useRight('token-stores:write');
  const [isAdding, setAdding] = useState(false);
  const [tested, setTested] = useState<TokenStoreView>();
  const [preferred, setPreferred] = useState<TokenStoreView>();
  const [removed, setRemoved] = useState<TokenStoreView>();
  const navigate = useNavigate();
  const open = ({ name: store }: TokenStoreView) =>
    void navigate({ to: '/settings/token-stores/$store', params: { store } });
  if (!read.allowed)
    return (
      <SettingsPage part={PART}>
        <div className="surface">
          <Empty title="Token stores are not shown to you">{read.reason}.</Empty>
        </div>
      </SettingsPage>
    );
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add
    </GuardedButton>
  );
  const columns: readonly Column<TokenStoreView>[] = [
    {
      id: 'name',
      title: 'Name',
      sort: 'displayName',
      cell: ({ name, displayName, isDefault }) => (
        <>
          <Link to="/settings/token-stores/$store" params={{ store: name }} fw={550}>
            {displayName}
          </Link>{' '}
          {isDefault && (
            <Status tone="brand" miw="max-content">
              Default
            </Status>
          )}
        </>
      ),
    },
    { id: 'kind', title: 'Kind', cell: ({ kind }) => STORE_KINDS[kind].title },
    { id: 'health', title: 'Health', cell: ({ health }) => <HealthWords health={health} /> },
    {
      id: 'records',
      title: 'Records',
      align: 'right',
      cell: ({ health }) => <span className="num">{recordsOf(health)}</span>,
    },
    {
      id: 'used',
      title: 'Used by',
      cell: ({ usedBy }) => (usedBy.length === 0 ? '–' : plural(usedBy.length, 'policy', 'policies')),
    },
    { id: 'changed', title: 'Changed', cell: ({ updatedBy, updatedAt }) => <ByWhom by={updatedBy} at={updatedAt} /> },
    {
      id: 'menu',
      title: 'Acts',
      isUnnamed: true,
      width: 44,
      cell: (store) => (
        <RowMenu label={`Acts on ${store.displayName}`}>
          <Menu.Item onClick={() => open(store)}>{right.allowed ? 'Edit' : 'Settings'}</Menu.Item>
          <GuardedItem right={right} onClick={() => setTested(store)}>
            Test…
          </GuardedItem>
          {!store.isDefault && (
            <GuardedItem right={right} onClick={() => setPreferred(store)}>
              Make default…
            </GuardedItem>
          )}
          {!store.isConfigured && (
            <GuardedItem right={right} isDestructive onClick={() => setRemoved(store)}>
              Delete…
            </GuardedItem>
          )}
        </RowMenu>
      ),
    },
  ];
  return (
    <SettingsPage part={PART} actions={add}>
      <Stack>
        <Text size="sm" c="dimmed" maw={720}>
          Tokens, codes, refresh tokens, grants and consents are kept here. What is new goes to the default, or to the
          one that the policy of a token end point names; what was issued is found wherever it is.
        </Text>
        <ListView<TokenStoreView>
          address="/token-stores"
          what="token stores"
          rowKey={({ id }) => id}
          onOpen={open}
          refreshMs={REFRESH_MS}
          columns={columns}
          empty={
            <Empty title="No token stores" actions={add}>
              The one of the configuration appears when the manager has started.
            </Empty>
          }
        />
      </Stack>
      <Dialog title="Add a token store" size="lg" isOpen={isAdding} onClose={() => setAdding(false)}>
        <AddStore onCancel={() => setAdding(false)} onMade={open} />
      </Dialog>
      <TestStore store={tested} onClose={() => setTested(undefined)} />
      <MakeDefault store={preferred} onClose={() => setPreferred(undefined)} />
      <DeleteStore store={removed} onClose={() => setRemoved(undefined)} />
    </SettingsPage>
  );
}
