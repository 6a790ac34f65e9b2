import { Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { SubscriptionRow } from '#core/model/overview/screens';
import type { Query } from '../../api/client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import type { Column } from '../../components/data-table.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom, Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { AddSubscription } from './add-subscription.tsx';

const columns: readonly Column<SubscriptionRow>[] = [
  {
    id: 'name',
    title: 'Subscription',
    sort: 'name',
    cell: ({ subscription }) => <Link to={`/subscriptions/${subscription.name}`}>{subscription.name}</Link>,
  },
  {
    id: 'client',
    title: 'Client',
    cell: (row) => <Link to={`/clients/${row.subscription.client}`}>{row.clientDisplayName}</Link>,
  },
  {
    id: 'product',
    title: 'Product',
    cell: (row) => <Link to={`/products/${row.subscription.product}`}>{row.productDisplayName}</Link>,
  },
  { id: 'state', title: 'State', cell: ({ subscription }) => <StateBadge state={subscription.state} /> },
  {
    id: 'key',
    title: 'Consumer key',
    cell: ({ subscription }) =>
      subscription.consumerKey === undefined ? (
        'Not generated'
      ) : (
        <span className="mono">{subscription.consumerKey}</span>
      ),
  },
  {
    id: 'ends',
    title: 'Ends',
    cell: ({ subscription }) => (subscription.endsAt === undefined ? '–' : <Moment at={subscription.endsAt} />),
  },
  {
    id: 'changed',
    title: 'Changed',
    sort: 'updatedAt',
    cell: ({ subscription }) => <ByWhom by={subscription.updatedBy} at={subscription.updatedAt} />,
  },
];

/** Subscriptions as a list; those of one client or product without that column. */
export function SubscriptionTable({
  fixed,
  hides,
  action,
}: {
  readonly fixed?: Query;
  readonly hides?: 'client' | 'product';
  readonly action?: React.ReactNode;
}) {
  const navigate = useNavigate();
  const [url, setUrl] = useUrlState();
  return (
    <ListView
      address="/overview/subscriptions"
      what="subscriptions"
      columns={columns.filter(({ id }) => id !== hides)}
      rowKey={({ subscription }) => subscription.id}
      defaultSort="name"
      filters={['state']}
      filterControls={
        <Select
          size="xs"
          w={150}
          aria-label="State"
          placeholder="Any state"
          clearable
          data={[
            { value: 'pending', label: 'Pending' },
            { value: 'active', label: 'Active' },
            { value: 'suspended', label: 'Suspended' },
            { value: 'ended', label: 'Ended' },
          ]}
          value={url.state ?? null}
          onChange={(state) => setUrl({ state: state ?? undefined, cursor: undefined })}
        />
      }
      {...(fixed && { fixed })}
      onOpen={({ subscription }) => void navigate({ to: `/subscriptions/${subscription.name}` })}
      empty={
        <Empty title="No subscriptions yet" actions={action}>
          A subscription lets a client call what a product contains, and carries the client’s consumer key and secrets.
        </Empty>
      }
    />
  );
}

/** Subscriptions (console.md §4.17). */
export function SubscriptionList() {
  const [isAdding, setAdding] = useState(false);
  const right = useRight('subscriptions:write');
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add
    </GuardedButton>
  );
  return (
    <Page title="Subscriptions" description="Which client may call which product, and with which keys." actions={add}>
      <SubscriptionTable action={add} />
      <AddSubscription isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}
