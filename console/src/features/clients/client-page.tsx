import { Stack, Tabs, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Client } from '#core/model/client';
import type { ClientOverview } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { formatNumber, plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link, LinkButton } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { tell } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { SubscriptionKeys } from '../keys/subscription-keys.tsx';
import { AddSubscription } from '../subscriptions/add-subscription.tsx';
import { SubscriptionTable } from '../subscriptions/subscription-list.tsx';
import { ClientForm } from './client-form.tsx';
import { patchBody } from './client-values.ts';

/** A client: its subscriptions, its keys, its settings. */
export function ClientPage() {
  const { client: name = '' } = useParams({ strict: false }) as { readonly client?: string };
  const result = useApi<ClientOverview>(path`/overview/clients/${name}`, { refreshMs: 10_000 });
  return (
    <Loaded result={result} what="the client">
      {(overview) => <ClientView overview={overview} />}
    </Loaded>
  );
}

type Ask = 'delete' | 'disable' | 'revoke' | 'subscribe';

function ClientView({ overview }: { readonly overview: ClientOverview }) {
  const { client, keys, tokenUrls, secretUses, requestsLastMinute = 0, requestsLast24h = 0 } = overview;
  const [{ tab = 'subscriptions' }, setUrl] = useUrlState();
  const [asks, setAsks] = useState<Ask>();
  const right = useRight('clients:write');
  const mayKeys = useRight('keys:read');
  const maySubscribe = useRight('subscriptions:write');
  const navigate = useNavigate();
  const address = path`/clients/${client.name}`;
  const act = async (verb: 'enable' | 'disable' | 'revoke-tokens', done: string) => {
    await api.post(`${address}/${verb}`);
    await refreshAll();
    tell(done);
  };
  return (
    <Page
      title={client.displayName}
      crumbs={[
        <Link key="clients" to="/clients">
          Clients
        </Link>,
      ]}
      badges={<StateBadge state={client.active ? 'enabled' : 'disabled'} />}
      {...(client.description !== '' && { description: client.description })}
      actions={
        <>
          <LinkButton variant="default" to="/requests" search={{ client: client.name } as never}>
            Requests
          </LinkButton>
          <GuardedButton right={right} variant="default" onClick={() => setAsks('delete')}>
            Delete…
          </GuardedButton>
          <GuardedButton right={right} variant="default" onClick={() => setAsks('revoke')}>
            Revoke tokens…
          </GuardedButton>
          {client.active ? (
            <GuardedButton right={right} variant="default" onClick={() => setAsks('disable')}>
              Disable…
            </GuardedButton>
          ) : (
            <GuardedButton right={right} onClick={() => void act('enable', `${client.displayName} is enabled.`)}>
              Enable
            </GuardedButton>
          )}
        </>
      }
      tabs={
        <Tabs
          value={tab}
          onChange={(next) => setUrl({ tab: next === 'subscriptions' ? undefined : (next ?? undefined) })}
        >
          <Tabs.List aria-label="Parts of the client">
            <Tabs.Tab value="subscriptions">Subscriptions</Tabs.Tab>
            <Tabs.Tab value="keys">Keys</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
          </Tabs.List>
        </Tabs>
      }
    >
      {tab === 'subscriptions' && (
        <Stack>
          <div>
            <GuardedButton
              right={maySubscribe}
              variant="default"
              leftSection={<IconPlus size={16} />}
              onClick={() => setAsks('subscribe')}
            >
              Add subscription
            </GuardedButton>
          </div>
          <SubscriptionTable fixed={{ client: client.name }} hides="client" />
        </Stack>
      )}
      {tab === 'keys' && !mayKeys.allowed && <Empty title="Keys are not shown to you">{mayKeys.reason}.</Empty>}
      {tab === 'keys' && mayKeys.allowed && (
        <Stack>
          {keys.length === 0 && (
            <Empty title="No keys yet">
              Keys belong to a subscription: subscribe the client to a product, then generate them there.
            </Empty>
          )}
          {keys.map((key) => (
            <SubscriptionKeys
              key={key.subscription}
              keys={key}
              clientDisplayName={client.displayName}
              uses={secretUses}
              tokenUrl={tokenUrls[0]?.url}
              isTitled
            />
          ))}
        </Stack>
      )}
      {tab === 'settings' && (
        <Stack maw={640}>
          <Surface title="Settings">
            <ClientForm
              client={client}
              right={right}
              submit="Save"
              failure="Could not save the client."
              onSubmit={async (values, ifMatch) => {
                const saved = await api.patch<Client>(address, patchBody(values), ifMatch);
                await refreshAll();
                tell('Saved.');
                return saved;
              }}
            />
          </Surface>
        </Stack>
      )}
      <AddSubscription client={client.name} isOpen={asks === 'subscribe'} onClose={() => setAsks(undefined)} />
      <Confirm
        title={`Disable ${client.displayName}?`}
        act="Disable client"
        isDestructive
        isOpen={asks === 'disable'}
        failure="Could not disable the client."
        onClose={() => setAsks(undefined)}
        onConfirm={() => act('disable', `${client.displayName} is disabled.`)}
      >
        Calls with its tokens will be refused at once: {plural(requestsLastMinute, 'request', 'requests')} in the last
        minute. It can be enabled again.
      </Confirm>
      <Confirm
        title={`Revoke the tokens of ${client.displayName}?`}
        act="Revoke tokens"
        isDestructive
        isOpen={asks === 'revoke'}
        failure="Could not revoke the tokens."
        onClose={() => setAsks(undefined)}
        onConfirm={() => act('revoke-tokens', 'Every token that was issued until now is revoked.')}
      >
        Every token issued to it until now is refused from now on; it gets new ones with its consumer secret. This
        cannot be undone.
      </Confirm>
      <Confirm
        title={`Delete ${client.displayName}?`}
        act="Delete client"
        isDestructive
        isOpen={asks === 'delete'}
        typed={requestsLast24h > 0 ? client.name : undefined}
        failure="Could not delete the client."
        onClose={() => setAsks(undefined)}
        onConfirm={async () => {
          await api.remove(address);
          await navigate({ to: '/clients' });
          await refreshAll();
          tell(`${client.displayName} is deleted.`);
        }}
      >
        <Text size="sm">
          {requestsLast24h > 0
            ? `It made ${formatNumber(requestsLast24h)} requests in the last 24 h. Its keys and tokens end at once.`
            : 'It made no request in the last 24 h. Its keys and tokens end at once.'}
        </Text>
      </Confirm>
    </Page>
  );
}
