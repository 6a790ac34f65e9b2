import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { NewSecret } from '#core/model/consumer-key';
import type { SubscriptionOverview } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { StateBadge } from '../../components/badges.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Moment } from '../../components/moment.tsx';
import { tell, tellFailure } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Surface } from '../../components/surface.tsx';
import { KeysShownOnce } from '../keys/keys-shown-once.tsx';
import { SubscriptionKeys } from '../keys/subscription-keys.tsx';

/** A subscription and its keys. */
export function SubscriptionPage() {
  const { subscription: name = '' } = useParams({ strict: false }) as { readonly subscription?: string };
  const result = useApi<SubscriptionOverview>(path`/overview/subscriptions/${name}`, { refreshMs: 10_000 });
  return (
    <Loaded result={result} what="the subscription">
      {(overview) => <SubscriptionView overview={overview} />}
    </Loaded>
  );
}

type Verb = 'suspend' | 'end' | 'revoke-tokens' | 'delete';

/** What each act is called, what it does, and what is said when it is done. */
const ACTS: Readonly<
  Record<Verb, { readonly title: string; readonly act: string; readonly effect: string; readonly done: string }>
> = {
  suspend: {
    title: 'Suspend this subscription?',
    act: 'Suspend subscription',
    effect: 'Calls with its tokens are refused from now on, and no token is issued. It can be resumed.',
    done: 'The subscription is suspended.',
  },
  end: {
    title: 'End this subscription?',
    act: 'End subscription',
    effect:
      'Its keys stop working and calls with its tokens are refused. An ended subscription is not resumed: the client subscribes anew.',
    done: 'The subscription has ended.',
  },
  'revoke-tokens': {
    title: 'Revoke the tokens of this subscription?',
    act: 'Revoke tokens',
    effect:
      'Every token issued until now is refused; the client gets new ones with its consumer secret. This cannot be undone.',
    done: 'Every token that was issued until now is revoked.',
  },
  delete: {
    title: 'Delete this subscription?',
    act: 'Delete subscription',
    effect: 'Its keys and tokens end at once, and its consumer key is never given out again.',
    done: 'The subscription is deleted.',
  },
};

function SubscriptionView({ overview }: { readonly overview: SubscriptionOverview }) {
  const { subscription, client, product, keys, tokenUrls, secretUses } = overview;
  const [asks, setAsks] = useState<Verb>();
  const [made, setMade] = useState<NewSecret>();
  const right = useRight('subscriptions:write');
  const mayKeys = useRight('keys:write');
  const navigate = useNavigate();
  const address = path`/subscriptions/${subscription.name}`;
  const act = async (verb: 'approve' | 'resume' | Exclude<Verb, 'delete'>, done: string) => {
    await api.post(`${address}/${verb}`);
    await refreshAll();
    tell(done);
  };
  const generate = async () => {
    try {
      setMade(await api.post<NewSecret>(`${address}/keys`));
      await refreshAll();
    } catch (error) {
      tellFailure('Could not generate keys.', error);
    }
  };
  const asked = asks === undefined ? undefined : ACTS[asks];
  return (
    <Page
      title={subscription.name}
      crumbs={[
        <Link key="subscriptions" to="/subscriptions">
          Subscriptions
        </Link>,
      ]}
      badges={<StateBadge state={subscription.state} />}
      actions={
        <>
          <GuardedButton right={right} variant="default" onClick={() => setAsks('delete')}>
            Delete…
          </GuardedButton>
          {subscription.state === 'pending' && (
            <GuardedButton right={right} onClick={() => void act('approve', 'The subscription is active.')}>
              Approve
            </GuardedButton>
          )}
          {subscription.state === 'active' && (
            <>
              <GuardedButton right={right} variant="default" onClick={() => setAsks('revoke-tokens')}>
                Revoke tokens…
              </GuardedButton>
              <GuardedButton right={right} variant="default" onClick={() => setAsks('suspend')}>
                Suspend…
              </GuardedButton>
            </>
          )}
          {subscription.state === 'suspended' && (
            <GuardedButton right={right} onClick={() => void act('resume', 'The subscription is active.')}>
              Resume
            </GuardedButton>
          )}
          {subscription.state !== 'ended' && (
            <GuardedButton right={right} variant="default" onClick={() => setAsks('end')}>
              End…
            </GuardedButton>
          )}
        </>
      }
    >
      <Stack>
        <Surface>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            <Fact label="Client">
              <Link to={`/clients/${client.name}`}>{client.displayName}</Link>
            </Fact>
            <Fact label="Product">
              <Link to={`/products/${product.name}`}>{product.displayName}</Link>
            </Fact>
            <Fact label="Starts">
              {subscription.startsAt === undefined ? 'At once' : <Moment at={subscription.startsAt} exact />}
            </Fact>
            <Fact label="Ends">
              {subscription.endsAt === undefined ? 'Not by itself' : <Moment at={subscription.endsAt} exact />}
            </Fact>
          </SimpleGrid>
          {subscription.stateReason !== undefined && (
            <Text size="sm" c="dimmed" mt="sm">
              {subscription.stateChangedBy}, <Moment at={subscription.stateChangedAt} />: {subscription.stateReason}
            </Text>
          )}
        </Surface>
        {subscription.consumerKey === undefined ? (
          <Surface title="Keys">
            <Text size="sm" c="dimmed" mb="sm">
              The client needs a consumer key and a consumer secret to get access tokens.
            </Text>
            <Group>
              {mayKeys.allowed ? (
                <Button onClick={() => void generate()}>Generate Consumer Key and Secret</Button>
              ) : (
                <GuardedButton right={mayKeys}>Generate Consumer Key and Secret</GuardedButton>
              )}
            </Group>
          </Surface>
        ) : (
          <SubscriptionKeys
            keys={keys}
            clientDisplayName={client.displayName}
            uses={secretUses}
            tokenUrl={tokenUrls[0]?.url}
          />
        )}
      </Stack>
      <KeysShownOnce secret={made} tokenUrl={tokenUrls[0]?.url} onClose={() => setMade(undefined)} />
      {asks !== undefined && asked !== undefined && (
        <Confirm
          title={asked.title}
          act={asked.act}
          isDestructive={asks !== 'suspend'}
          isOpen
          failure="Could not change the subscription."
          onClose={() => setAsks(undefined)}
          onConfirm={async () => {
            if (asks !== 'delete') return act(asks, asked.done);
            await api.remove(address);
            await navigate({ to: '/subscriptions' });
            await refreshAll();
            tell(asked.done);
          }}
        >
          {asked.effect}
        </Confirm>
      )}
    </Page>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" component="div">
        {children}
      </Text>
    </div>
  );
}
