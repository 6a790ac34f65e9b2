import { Group, Stack, Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { TokenStoreView } from '#core/model/token-store';
import { path } from '../../api/client.ts';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { formatNumber } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { SettingsPage } from '../settings/settings-page.tsx';
import { DeleteStore, MakeDefault, TestStore, UsedBy } from './store-acts.tsx';
import { StoreForm } from './store-form.tsx';
import { HealthBadge, HealthWords } from './store-health.tsx';
import { RECORD_TITLES } from './store-kinds.ts';
import { MigrateStore, MigrationState } from './store-migration.tsx';

const REFRESH_MS = 10_000;
const MIGRATING_REFRESH_MS = 1000;

/** One token store: how it does, who uses it, and its settings. */
export function TokenStorePage() {
  const { store: name = '' } = useParams({ strict: false }) as { readonly store?: string };
  const read = useRight('token-stores:read');
  const [isMigrating, setMigrating] = useState(false);
  const result = useApi<TokenStoreView>(path`/token-stores/${name}`, {
    enabled: read.allowed,
    refreshMs: isMigrating ? MIGRATING_REFRESH_MS : REFRESH_MS,
  });
  const { migration } = result.data ?? {};
  useEffect(() => setMigrating(migration !== undefined && migration.phase !== 'done'), [migration]);
  if (!read.allowed)
    return (
      <SettingsPage part="/settings/token-stores">
        <div className="surface">
          <Empty title="Token stores are not shown to you">{read.reason}.</Empty>
        </div>
      </SettingsPage>
    );
  return (
    <Loaded result={result} what="the token store">
      {(store) => <StoreView key={store.id} store={store} />}
    </Loaded>
  );
}

function StoreView({ store }: { readonly store: TokenStoreView }) {
  const right = useRight('token-stores:write');
  const navigate = useNavigate();
  const [asked, setAsked] = useState<'test' | 'default' | 'delete' | 'migrate'>();
  const close = () => setAsked(undefined);
  const when = (act: typeof asked) => (asked === act ? store : undefined);
  const { health, usedBy, isDefault, isConfigured } = store;
  return (
    <Page
      title={store.displayName}
      crumbs={[
        <Link key="stores" to="/settings/token-stores">
          Token stores
        </Link>,
      ]}
      badges={
        <>
          {isDefault && <Status tone="brand">Default</Status>}
          <HealthBadge health={health} />
        </>
      }
      actions={
        <>
          {!isConfigured && (
            <GuardedButton right={right} variant="default" onClick={() => setAsked('delete')}>
              Delete…
            </GuardedButton>
          )}
          {!isDefault && (
            <GuardedButton right={right} variant="default" onClick={() => setAsked('default')}>
              Make default…
            </GuardedButton>
          )}
          {store.kind !== 'memory' && store.migration === undefined && (
            <GuardedButton right={right} variant="default" onClick={() => setAsked('migrate')}>
              Migrate…
            </GuardedButton>
          )}
          <GuardedButton right={right} variant="default" onClick={() => setAsked('test')}>
            Test…
          </GuardedButton>
        </>
      }
    >
      <Stack maw={720}>
        <Surface title="Health">
          <Stack gap="xs">
            <HealthWords health={health} isLong />
            <Group gap="lg">
              {Object.entries(health.records ?? {}).map(([kind, count]) => (
                <Text size="sm" key={kind}>
                  {RECORD_TITLES[kind] ?? kind} <b className="num">{formatNumber(count)}</b>
                </Text>
              ))}
            </Group>
          </Stack>
        </Surface>
        {store.migration !== undefined && <MigrationState migration={store.migration} />}
        <Surface title="Used by">
          {usedBy.length === 0 ? (
            <Text size="sm">{isDefault ? 'Every policy that names no token store.' : 'No policy names it.'}</Text>
          ) : (
            <UsedBy store={store} />
          )}
        </Surface>
        <Surface title="Settings">
          <StoreForm store={store} />
        </Surface>
      </Stack>
      <TestStore store={when('test')} onClose={close} />
      <MakeDefault store={when('default')} onClose={close} />
      <MigrateStore store={when('migrate')} onClose={close} />
      <DeleteStore store={when('delete')} onClose={close} onGone={() => navigate({ to: '/settings/token-stores' })} />
    </Page>
  );
}
