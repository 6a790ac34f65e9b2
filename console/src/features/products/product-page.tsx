import { Alert, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ProductOverview } from '#core/model/overview/screens';
import { planText } from '#core/model/period';
import type { Product } from '#core/model/product';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { KindBadge, StateBadge, Status } from '../../components/badges.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { tell } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { SubscriptionTable } from '../subscriptions/subscription-list.tsx';
import { ProductForm } from './product-form.tsx';

/** A product: what it contains, who subscribed, its settings. */
export function ProductPage() {
  const { product: name = '' } = useParams({ strict: false }) as { readonly product?: string };
  const result = useApi<ProductOverview>(path`/overview/products/${name}`);
  return (
    <Loaded result={result} what="the product">
      {(overview) => <ProductView overview={overview} />}
    </Loaded>
  );
}

function ProductView({ overview }: { readonly overview: ProductOverview }) {
  const { product } = overview;
  const [{ tab = 'contents' }, setUrl] = useUrlState();
  const [asks, setAsks] = useState<'delete' | 'retire'>();
  const right = useRight('products:write');
  const navigate = useNavigate();
  const address = path`/products/${product.name}`;
  const setState = async (state: 'published' | 'retired') => {
    await api.patch(address, { state }, product.revision);
    await refreshAll();
    tell(state === 'published' ? `${product.displayName} is published.` : `${product.displayName} is retired.`);
  };
  const working = (overview.subscriptions.active ?? 0) + (overview.subscriptions.pending ?? 0);
  return (
    <Page
      title={product.displayName}
      crumbs={[
        <Link key="products" to="/products">
          Products
        </Link>,
      ]}
      badges={<StateBadge state={product.state} />}
      {...(product.description !== '' && { description: product.description })}
      actions={
        <>
          <GuardedButton right={right} variant="default" onClick={() => setAsks('delete')}>
            Delete…
          </GuardedButton>
          {product.state === 'published' ? (
            <GuardedButton right={right} variant="default" onClick={() => setAsks('retire')}>
              Retire…
            </GuardedButton>
          ) : (
            <GuardedButton right={right} onClick={() => void setState('published')}>
              Publish
            </GuardedButton>
          )}
        </>
      }
      tabs={
        <Tabs value={tab} onChange={(next) => setUrl({ tab: next === 'contents' ? undefined : (next ?? undefined) })}>
          <Tabs.List aria-label="Parts of the product">
            <Tabs.Tab value="contents">Contents</Tabs.Tab>
            <Tabs.Tab value="subscriptions">Subscriptions</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
          </Tabs.List>
        </Tabs>
      }
    >
      {tab === 'contents' && <Contents overview={overview} />}
      {tab === 'subscriptions' && <SubscriptionTable fixed={{ product: product.name }} hides="product" />}
      {tab === 'settings' && (
        <Stack maw={640}>
          <Surface title="Settings">
            <ProductForm
              product={product}
              titles={Object.fromEntries(overview.projects.map((project) => [project.name, project.displayName]))}
              right={right}
              submit="Save"
              failure="Could not save the product."
              onSubmit={async (values, ifMatch) => {
                const saved = await api.patch<Product>(
                  address,
                  { ...values, displayName: values.displayName.trim() },
                  ifMatch,
                );
                await refreshAll();
                tell('Saved.');
                return saved;
              }}
            />
          </Surface>
        </Stack>
      )}
      <Confirm
        title={`Delete ${product.displayName}?`}
        act="Delete product"
        isDestructive
        isOpen={asks === 'delete'}
        failure="Could not delete the product."
        onClose={() => setAsks(undefined)}
        onConfirm={async () => {
          await api.remove(address);
          await navigate({ to: '/products' });
          await refreshAll();
          tell(`${product.displayName} is deleted.`);
        }}
      >
        The API projects in it stay. A product with subscriptions cannot be deleted: retire it, or end them first.
      </Confirm>
      <Confirm
        title={`Retire ${product.displayName}?`}
        act="Retire product"
        isOpen={asks === 'retire'}
        failure="Could not retire the product."
        onClose={() => setAsks(undefined)}
        onConfirm={() => setState('retired')}
      >
        It takes no new subscriptions. {plural(working, 'subscription goes', 'subscriptions go')} on working.
      </Confirm>
    </Page>
  );
}

function Contents({ overview }: { readonly overview: ProductOverview }) {
  const open = overview.projects.filter((project) => !project.isSecured);
  return (
    <Stack>
      {open.length > 0 && (
        <Alert
          icon={<IconAlertTriangle />}
          title="Not every API project is secured"
          style={{ borderLeftColor: 'var(--warn)' }}
        >
          {open.map((project) => (
            <Text size="sm" key={project.name}>
              {project.displayName} has no security policy: anyone can call it.{' '}
              <Link to={`/projects/${project.name}/settings`}>Secure it</Link>
            </Text>
          ))}
        </Alert>
      )}
      <div className="surface">
        <DataTable
          label="API projects of the product"
          rows={overview.projects}
          rowKey={(project) => project.name}
          columns={[
            {
              id: 'name',
              title: 'API project',
              cell: (project) => <Link to={`/projects/${project.name}`}>{project.displayName}</Link>,
            },
            { id: 'kind', title: 'Type', cell: (project) => <KindBadge kind={project.kind as never} /> },
            {
              id: 'path',
              title: 'Context path',
              cell: (project) => <span className="mono">{project.contextPath}</span>,
            },
            {
              id: 'live',
              title: 'Live on',
              cell: (project) =>
                project.live.length === 0
                  ? 'Not deployed'
                  : project.live.map((live) => (
                      <Status tone="green" key={live.serverGroup} mr={4}>
                        v{live.version} in {live.serverGroupDisplayName}
                      </Status>
                    )),
            },
          ]}
        />
      </div>
      {overview.product.plan !== undefined && (
        <Surface title="Plan">
          <Text size="sm">{planText(overview.product.plan)}, for each subscription</Text>
        </Surface>
      )}
      {overview.product.scopes.length > 0 && (
        <Surface title="Scopes">
          {overview.product.scopes.map(({ scope, default: isDefault }) => (
            <Status key={scope} tone="gray" mr={6} className="mono">
              {scope}
              {isDefault && ' (default)'}
            </Status>
          ))}
        </Surface>
      )}
    </Stack>
  );
}
