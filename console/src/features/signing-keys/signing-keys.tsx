import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { SigningKeyView } from '#core/model/signing-key';
import { useRight } from '../../api/session.ts';
import { Status, type Tone } from '../../components/badges.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Moment } from '../../components/moment.tsx';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';
import { Empty } from '../../components/states.tsx';
import { SettingsPage } from '../settings/settings-page.tsx';
import { RETIRE_ACTS, RetireKey } from './retire-key.tsx';
import { RotateKeys } from './rotate-keys.tsx';

const STATES: Readonly<Record<SigningKeyView['state'], readonly [Tone, string]>> = {
  next: ['brand', 'Next'],
  current: ['green', 'Signs'],
  retired: ['gray', 'Retired'],
};

/** The keys that sign JWT access tokens, by algorithm: next, current and retired. */
export function SigningKeys() {
  const read = useRight('signing-keys:read');
  const right = useRight('signing-keys:write');
  const [rotates, setRotates] = useState<'all' | SigningKeyView['algorithm']>();
  const [retired, setRetired] = useState<SigningKeyView>();
  const result = useApi<{ readonly items: readonly SigningKeyView[] }>('/signing-keys', { enabled: read.allowed });
  if (!read.allowed)
    return (
      <SettingsPage part="/settings/signing-keys">
        <div className="surface">
          <Empty title="Signing keys are not shown to you">{read.reason}.</Empty>
        </div>
      </SettingsPage>
    );
  const columns: readonly Column<SigningKeyView>[] = [
    { id: 'algorithm', title: 'Algorithm', cell: ({ algorithm }) => <span className="mono">{algorithm}</span> },
    {
      id: 'state',
      title: 'State',
      cell: ({ state }) => {
        const [tone, words] = STATES[state];
        return <Status tone={tone}>{words}</Status>;
      },
    },
    { id: 'kid', title: 'Key id', cell: ({ kid }) => <span className="mono">{kid}</span> },
    { id: 'next', title: 'What comes next', cell: (key) => <Outlook signingKey={key} /> },
    { id: 'made', title: 'Made', cell: ({ createdAt }) => <Moment at={createdAt} /> },
    {
      id: 'menu',
      title: 'Acts',
      isUnnamed: true,
      width: 44,
      cell: (key) => (
        <RowMenu label={`Acts on ${key.algorithm} ${key.kid}`}>
          {key.state === 'current' && (
            <GuardedItem right={right} onClick={() => setRotates(key.algorithm)}>
              Rotate {key.algorithm}…
            </GuardedItem>
          )}
          <GuardedItem right={right} isDestructive onClick={() => setRetired(key)}>
            {RETIRE_ACTS[key.state]}…
          </GuardedItem>
        </RowMenu>
      ),
    },
  ];
  return (
    <SettingsPage
      part="/settings/signing-keys"
      actions={
        <GuardedButton right={right} onClick={() => setRotates('all')}>
          Rotate all…
        </GuardedButton>
      }
    >
      <Stack>
        <Text size="sm" c="dimmed" maw={720}>
          They sign access tokens in the format JWT. Their public halves stand at each token end point’s{' '}
          <span className="mono">/jwks</span>; the private ones are kept encrypted and shown to nobody.
        </Text>
        <div className="surface">
          <Loaded result={result} what="the signing keys">
            {({ items }) => (
              <DataTable
                label="signing keys"
                columns={columns}
                rows={items.toSorted(byAlgorithm)}
                rowKey={({ kid }) => kid}
              />
            )}
          </Loaded>
        </div>
      </Stack>
      <RotateKeys what={rotates} onClose={() => setRotates(undefined)} />
      <RetireKey signingKey={retired} onClose={() => setRetired(undefined)} />
    </SettingsPage>
  );
}

/** The keys of an algorithm stand together, in the order in which they sign. */
function byAlgorithm(a: SigningKeyView, b: SigningKeyView): number {
  return a.algorithm.localeCompare(b.algorithm) || b.signsAt - a.signsAt;
}

/** What happens to a key by itself, and when. */
function Outlook({ signingKey: { state, signsAt, rotatesAt, removedAt } }: { readonly signingKey: SigningKeyView }) {
  const [words, at] =
    state === 'next'
      ? (['Signs from', signsAt] as const)
      : state === 'current'
        ? (['Rotates', rotatesAt] as const)
        : (['Published until', removedAt] as const);
  if (at === undefined) return '–';
  return (
    <span className="nowrap">
      {words} <Moment at={at} exact />
    </span>
  );
}
