import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { TokenStoreTest, TokenStoreView } from '#core/model/token-store';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Link } from '../../components/link.tsx';
import { Lines } from '../../components/loaded.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { Failure } from '../../components/states.tsx';
import { TestResult } from './test-result.tsx';

interface ActProps {
  /** undefined: nothing is asked. */
  readonly store: TokenStoreView | undefined;
  readonly onClose: () => void;
}

/** Tests a token store that is saved, as soon as it is opened. */
export function TestStore({ store, onClose }: ActProps) {
  return (
    <Dialog title={`Test ${store?.displayName ?? ''}`} isOpen={store !== undefined} onClose={onClose}>
      {store !== undefined && <RunningTest store={store} onClose={onClose} />}
    </Dialog>
  );
}

function RunningTest({ store, onClose }: { readonly store: TokenStoreView; readonly onClose: () => void }) {
  const [result, setResult] = useState<TokenStoreTest>();
  const [problem, setProblem] = useState<unknown>();
  const [round, setRound] = useState(0);
  const { name } = store;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round is another test
  useEffect(() => {
    let isShown = true;
    setResult(undefined);
    setProblem(undefined);
    api.post<TokenStoreTest>(path`/token-stores/${name}/test`).then(
      (found) => {
        if (!isShown) return;
        setResult(found);
        void refreshAll();
      },
      (error: unknown) => isShown && setProblem(error),
    );
    return () => {
      isShown = false;
    };
  }, [name, round]);
  const isRunning = result === undefined && problem === undefined;
  return (
    <Stack>
      <Text size="sm">It is opened anew as it is saved; a record is written, read and taken away.</Text>
      {isRunning && <Lines count={2} />}
      {result !== undefined && <TestResult result={result} />}
      {problem !== undefined && <Failure what="Could not test the token store." error={problem} />}
      <ShowCommand command={`gatewright token-store test ${shellWord(name)}`} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" loading={isRunning} onClick={() => setRound(round + 1)}>
          Test again
        </Button>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}

/** Asks before another store becomes the default. */
export function MakeDefault({ store, onClose }: ActProps) {
  const name = store?.displayName ?? '';
  return (
    <Confirm
      title={`Make ${name} the default?`}
      act="Make default"
      isOpen={store !== undefined}
      failure="Could not make it the default."
      onClose={onClose}
      onConfirm={async () => {
        await api.post(path`/token-stores/${store?.name ?? ''}/make-default`);
        await refreshAll();
        tell(`${name} is the default token store.`);
      }}
    >
      <Stack>
        <span>
          What is new goes there where a policy names no token store: tokens, codes, grants, consents and sign-ins. What
          was issued stays where it is, and stays usable.
        </span>
        {store?.health.state === 'away' && <span>It does not answer now: nothing could be issued until it does.</span>}
        <ShowCommand command={`gatewright token-store make-default ${shellWord(store?.name ?? '')}`} />
      </Stack>
    </Confirm>
  );
}

/** Asks before a token store is deleted; one that is in use says by what. */
export function DeleteStore({ store, onClose, onGone }: ActProps & { readonly onGone?: () => Promise<void> }) {
  const name = store?.displayName ?? '';
  if (store !== undefined && (store.isDefault || store.usedBy.length > 0))
    return (
      <Dialog title={`${name} is in use`} isOpen onClose={onClose}>
        <Stack>
          {store.isDefault && <Text size="sm">It is the default. Make another one the default first.</Text>}
          {store.usedBy.length > 0 && (
            <>
              <Text size="sm">These policies name it. Name another one there, and deploy.</Text>
              <UsedBy store={store} />
            </>
          )}
          <Group justify="flex-end">
            <Button data-autofocus onClick={onClose}>
              Done
            </Button>
          </Group>
        </Stack>
      </Dialog>
    );
  return (
    <Confirm
      title={`Delete ${name}?`}
      act="Delete token store"
      isDestructive
      isOpen={store !== undefined}
      failure="Could not delete the token store."
      onClose={onClose}
      onConfirm={async () => {
        await api.remove(path`/token-stores/${store?.name ?? ''}`);
        await onGone?.();
        await refreshAll();
        tell(`${name} is deleted.`);
      }}
    >
      The tokens that it keeps are unknown from then on. What is in the engine itself is not touched.
    </Confirm>
  );
}

/** Links to the policies that name a store. */
export function UsedBy({ store: { usedBy } }: { readonly store: Pick<TokenStoreView, 'usedBy'> }) {
  return (
    <List size="sm">
      {usedBy.map(({ project, policy }) => (
        <List.Item key={`${project}/${policy}`}>
          <Link to="/projects/$project/policies/$policy" params={{ project, policy }}>
            {project} › {policy}
          </Link>
        </List.Item>
      ))}
    </List>
  );
}
