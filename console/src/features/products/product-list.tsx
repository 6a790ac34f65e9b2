import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ProductRow } from '#core/model/overview/screens';
import type { Product } from '#core/model/product';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { formatNumber, plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { ProductForm } from './product-form.tsx';

const columns: readonly Column<ProductRow>[] = [
  {
    id: 'name',
    title: 'Name',
    sort: 'displayName',
    cell: ({ product }) => <Link to={`/products/${product.name}`}>{product.displayName}</Link>,
  },
  { id: 'state', title: 'State', cell: ({ product }) => <StateBadge state={product.state} /> },
  {
    id: 'projects',
    title: 'API projects',
    cell: ({ product }) => plural(product.projects.length, 'project', 'projects'),
  },
  { id: 'subscriptions', title: 'Subscriptions', align: 'right', cell: (row) => formatNumber(row.subscriptions) },
  {
    id: 'changed',
    title: 'Changed',
    sort: 'updatedAt',
    cell: ({ product }) => <ByWhom by={product.updatedBy} at={product.updatedAt} />,
  },
];

/** Products (console.md §4.15). */
export function ProductList() {
  const [isAdding, setAdding] = useState(false);
  const right = useRight('products:write');
  const navigate = useNavigate();
  const add = (
    <GuardedButton right={right} leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add
    </GuardedButton>
  );
  return (
    <Page
      title="Products"
      description="API projects that are offered together. Clients subscribe to products."
      actions={add}
    >
      <ListView
        address="/overview/products"
        what="products"
        columns={columns}
        rowKey={({ product }) => product.id}
        defaultSort="displayName"
        onOpen={({ product }) => void navigate({ to: `/products/${product.name}` })}
        empty={
          <Empty title="No products yet" actions={add}>
            A product is a set of API projects that clients subscribe to. Make one with the projects that belong
            together.
          </Empty>
        }
      />
      <Dialog title="Add a product" size="lg" isOpen={isAdding} onClose={() => setAdding(false)}>
        <ProductForm
          submit="Create"
          failure="Could not create the product."
          onCancel={() => setAdding(false)}
          onSubmit={async ({ displayName, plan, ...values }) => {
            const body = { ...values, displayName: displayName.trim(), ...(plan !== null && { plan }), state: 'draft' };
            const made = await api.post<Product>('/products', body);
            await refreshAll();
            tell(`${made.displayName} is a draft. Publish it so that clients can subscribe.`);
            await navigate({ to: `/products/${made.name}` });
          }}
        />
      </Dialog>
    </Page>
  );
}
