import { Button, Group, Progress, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { TokenStoreMigration, TokenStoreView } from '#core/model/token-store';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { formatNumber } from '../../components/format.ts';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';

const PHASES: Readonly<Record<TokenStoreMigration['phase'], string>> = {
  copying: 'Copying everything once.',
  settling: 'Taking over codes and refresh tokens that are in use.',
  closing: 'Copying what came meanwhile.',
  done: 'Done.',
};

/** How far the migration of a store is. */
export function MigrationState({ migration }: { readonly migration: TokenStoreMigration }) {
  const { to, phase, moved, total, problem } = migration;
  const share =
    phase === 'done' ? 100 : phase === 'copying' ? Math.min(98, (100 * moved) / Math.max(1, total ?? moved)) : 99;
  return (
    <Surface title={phase === 'done' ? `Migrated to ${to}` : `Migrating to ${to}`}>
      <Stack gap="xs">
        {phase !== 'done' && <Progress value={share} aria-label={`Migrated to ${to}, in per cent`} />}
        <Text size="sm" role="status">
          {PHASES[phase]} <b className="num">{formatNumber(moved)}</b> records are in {to}
          {phase === 'copying' && total !== undefined ? ` of about ${formatNumber(total)}` : ''}. What is new goes
          there.
        </Text>
        {problem !== undefined && (
          <Text size="sm" c="var(--bad)">
            {problem} It is tried again by itself.
          </Text>
        )}
      </Stack>
    </Surface>
  );
}

interface MigrateProps {
  /** undefined: nothing is asked. */
  readonly store: TokenStoreView | undefined;
  readonly onClose: () => void;
}

/** Asks where all that a store keeps is to go. */
export function MigrateStore({ store, onClose }: MigrateProps) {
  return (
    <Dialog title={`Migrate ${store?.displayName ?? ''}`} isOpen={store !== undefined} onClose={onClose}>
      {store !== undefined && <ChooseTarget store={store} onClose={onClose} />}
    </Dialog>
  );
}

function ChooseTarget({ store, onClose }: { readonly store: TokenStoreView; readonly onClose: () => void }) {
  const result = useApi<{ readonly items: readonly TokenStoreView[] }>('/token-stores');
  return (
    <Loaded result={result} what="the token stores">
      {({ items }) => <TargetForm store={store} others={items.filter(isTargetOf(store))} onClose={onClose} />}
    </Loaded>
  );
}

const isTargetOf = (store: TokenStoreView) => (other: TokenStoreView) =>
  other.id !== store.id && other.kind !== 'memory' && other.migration === undefined;

function TargetForm({
  store,
  others,
  onClose,
}: {
  readonly store: TokenStoreView;
  readonly others: readonly TokenStoreView[];
  readonly onClose: () => void;
}) {
  const [to, setTo] = useState<string | null>(others.length === 1 ? (others[0]?.name ?? null) : null);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  if (others.length === 0)
    return <Text size="sm">There is no other token store that it could go to. Add one first; memory is none.</Text>;
  const send = async () => {
    setSending(true);
    setProblem(undefined);
    try {
      await api.post(path`/token-stores/${store.name}/migrate`, { to });
      await refreshAll();
      tell(`${store.displayName} is being migrated.`);
      onClose();
    } catch (error) {
      setProblem(error);
    }
    setSending(false);
  };
  return (
    <Stack>
      <Text size="sm">
        What is new goes to the other store at once. Tokens, codes, refresh tokens, grants and consents follow while
        both serve. It cannot be turned round.
      </Text>
      <Select
        label="To"
        required
        data={others.map(({ name, displayName }) => ({ value: name, label: displayName }))}
        value={to}
        onChange={setTo}
        comboboxProps={{ withinPortal: true }}
      />
      {problem !== undefined && <Failure what="Could not begin the migration." error={problem} />}
      <ShowCommand
        command={`gatewright store migrate --from ${shellWord(store.name)} --to ${shellWord(to ?? 'TOKEN-STORE')}`}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={isSending} disabled={to === null} onClick={() => void send()}>
          Migrate
        </Button>
      </Group>
    </Stack>
  );
}
