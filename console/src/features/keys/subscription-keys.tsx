import { ActionIcon, Group, Menu, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useState } from 'react';
import type { ConsumerKeys, ConsumerSecret, NewSecret } from '#core/model/consumer-key';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { CopyIcon } from '../../components/copy-button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { formatTime } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { ByWhom, Moment, useNow } from '../../components/moment.tsx';
import { Surface } from '../../components/surface.tsx';
import { EndSecret } from './end-secret.tsx';
import { KeysShownOnce } from './keys-shown-once.tsx';
import { RotateSecret } from './rotate-secret.tsx';

const SAFE_AFTER_MS = 60_000;

/** The consumer key of a subscription and its secrets: when each was used last, and what can be done with it. */
export function SubscriptionKeys({
  keys,
  clientDisplayName,
  uses = {},
  tokenUrl,
  isTitled = false,
}: {
  readonly keys: ConsumerKeys;
  readonly clientDisplayName: string;
  readonly uses?: Readonly<Record<string, { readonly lastHour: number }>>;
  readonly tokenUrl?: string | undefined;
  /** True: it says whose subscription it is. */
  readonly isTitled?: boolean;
}) {
  const [isRotating, setRotating] = useState(false);
  const [ending, setEnding] = useState<ConsumerSecret>();
  const [made, setMade] = useState<NewSecret>();
  const right = useRight('keys:write');
  const now = useNow();
  if (keys.consumerKey === undefined)
    return (
      <Surface title={isTitled ? keys.subscription : 'Keys'}>
        <Text size="sm">
          No keys were generated. <Link to={`/subscriptions/${keys.subscription}`}>Open the subscription</Link>
        </Text>
      </Surface>
    );
  return (
    <Surface
      title={isTitled ? `Keys of ${keys.subscription}` : 'Keys'}
      aside={
        <GuardedButton right={right} onClick={() => setRotating(true)}>
          Rotate…
        </GuardedButton>
      }
    >
      <Group gap={6} mb="sm">
        <Text size="sm" c="dimmed">
          Consumer Key
        </Text>
        <span className="mono">{keys.consumerKey}</span>
        <CopyIcon value={keys.consumerKey} label="Copy consumer key" />
      </Group>
      <DataTable
        label={`Secrets of ${keys.subscription}`}
        rows={keys.secrets}
        rowKey={(secret) => secret.id}
        columns={[
          { id: 'name', title: 'Name', cell: (secret) => secret.name },
          { id: 'hint', title: 'Secret', cell: (secret) => <span className="mono">{secret.hint}</span> },
          { id: 'made', title: 'Made', cell: (secret) => <ByWhom by={secret.createdBy} at={secret.createdAt} /> },
          { id: 'used', title: 'Last used', cell: (secret) => <LastUsed secret={secret} /> },
          { id: 'state', title: 'State', cell: (secret) => <SecretState secret={secret} now={now} /> },
          {
            id: 'menu',
            title: 'Acts',
            isUnnamed: true,
            width: 44,
            cell: (secret) =>
              secret.state !== 'ended' && right.allowed ? (
                <SecretMenu secret={secret} onEnd={() => setEnding(secret)} />
              ) : undefined,
          },
        ]}
      />
      <RotateSecret
        keys={keys}
        isOpen={isRotating}
        onClose={() => setRotating(false)}
        onMade={(secret) => {
          setRotating(false);
          setMade(secret);
        }}
      />
      <EndSecret
        subscription={keys.subscription}
        secret={ending}
        clientDisplayName={clientDisplayName}
        lastHour={ending === undefined ? undefined : uses[ending.id]?.lastHour}
        onClose={() => setEnding(undefined)}
      />
      <KeysShownOnce secret={made} tokenUrl={tokenUrl} onClose={() => setMade(undefined)} />
    </Surface>
  );
}

function SecretMenu({ secret, onEnd }: { readonly secret: ConsumerSecret; readonly onEnd: () => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Acts on ${secret.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEnd}>End now…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function LastUsed({ secret }: { readonly secret: ConsumerSecret }) {
  if (secret.lastUsedAt === undefined) return <Text size="sm">Never</Text>;
  const where = [secret.lastUsedGateway, secret.lastUsedAddress].filter(Boolean).join(', from ');
  return (
    <Text size="sm" component="span">
      <Moment at={secret.lastUsedAt} />
      {where !== '' && (
        <Text span size="xs" c="dimmed">
          {' '}
          {where}
        </Text>
      )}
    </Text>
  );
}

function SecretState({ secret, now }: { readonly secret: ConsumerSecret; readonly now: number }) {
  if (secret.state === 'current') return <Status tone="green">Current</Status>;
  if (secret.state === 'ended') return <Status tone="gray">{secret.tokensRevoked ? 'Revoked' : 'Ended'}</Status>;
  const isIdle = now - (secret.lastUsedAt ?? secret.createdAt) > SAFE_AFTER_MS;
  return (
    <div>
      <Status tone="orange">Old until {secret.endsAt === undefined ? 'it is ended' : formatTime(secret.endsAt)}</Status>
      {isIdle && (
        <Text size="xs" c="dimmed">
          Old secret not used for 60 s. Safe to end.
        </Text>
      )}
    </div>
  );
}
