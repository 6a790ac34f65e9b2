import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import type { Client } from '#core/model/client';
import type { ClientRow } from '#core/model/overview/screens';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { formatNumber } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom, Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ClientForm } from './client-form.tsx';
import { createBody } from './client-values.ts';

const columns: readonly Column<ClientRow>[] = [
  {
    id: 'name',
    title: 'Name',
    sort: 'displayName',
    cell: ({ client }) => <Link to={`/clients/${client.name}`}>{client.displayName}</Link>,
  },
  { id: 'state', title: 'State', cell: ({ client }) => <StateBadge state={client.active ? 'enabled' : 'disabled'} /> },
  { id: 'kind', title: 'Kind', cell: ({ client }) => (client.kind === 'public' ? 'Public' : 'Server') },
  { id: 'owner', title: 'Owner', cell: ({ client }) => client.ownerEmail || '–' },
  { id: 'subscriptions', title: 'Subscriptions', align: 'right', cell: (row) => formatNumber(row.subscriptions) },
  {
    id: 'used',
    title: 'Secret last used',
    cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'Never' : <Moment at={lastUsedAt} />),
  },
  {
    id: 'changed',
    title: 'Changed',
    sort: 'updatedAt',
    cell: ({ client }) => <ByWhom by={client.updatedBy} at={client.updatedAt} />,
  },
];

/** Clients (console.md §4.16). */
export function ClientList() {
  const [{ add }, setUrl] = useUrlState();
  const right = useRight('clients:write');
  const navigate = useNavigate();
  const close = () => setUrl({ add: undefined });
  const button = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setUrl({ add: 'client' })}>
      Add
    </GuardedButton>
  );
  return (
    <Page
      title="Clients"
      description="Programs that call your APIs. A client subscribes to products and gets its keys there."
      actions={button}
    >
      <ListView
        address="/overview/clients"
        what="clients"
        columns={columns}
        rowKey={({ client }) => client.id}
        defaultSort="displayName"
        onOpen={({ client }) => void navigate({ to: `/clients/${client.name}` })}
        empty={
          <Empty title="No clients yet" actions={button}>
            A client is a program that calls your APIs: a shop, a mobile app’s server, a partner’s system.
          </Empty>
        }
      />
      <Dialog title="Add a client" isOpen={add === 'client' && right.allowed} onClose={close}>
        <ClientForm
          submit="Create"
          failure="Could not create the client."
          onCancel={close}
          onSubmit={async (values) => {
            const made = await api.post<Client>('/clients', createBody(values));
            await refreshAll();
            await navigate({ to: `/clients/${made.name}` });
          }}
        />
      </Dialog>
    </Page>
  );
}
