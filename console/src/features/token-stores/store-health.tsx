import { Stack, Text } from '@mantine/core';
import { adviceOn } from '#core/model/store-advice';
import type { TokenStoreHealth } from '#core/model/token-store';
import { Status, type Tone } from '../../components/badges.tsx';
import { formatMs, formatNumber } from '../../components/format.ts';

const STATES: Readonly<Record<TokenStoreHealth['state'], readonly [Tone, string]>> = {
  ok: ['green', 'Answers'],
  slow: ['orange', 'Slow'],
  away: ['red', 'Away'],
  unused: ['gray', 'Not open'],
};

/** How a token store does, in a word, with the time that it takes. */
export function HealthBadge({ health: { state, problem } }: { readonly health: TokenStoreHealth }) {
  const [tone, words] = state === 'ok' && problem !== undefined ? (['orange', 'At risk'] as const) : STATES[state];
  return (
    <Status tone={tone} miw="max-content">
      {words}
    </Status>
  );
}

/** The same with what is wrong, and on a page of its own with what to do. */
export function HealthWords({
  health,
  isLong = false,
}: {
  readonly health: TokenStoreHealth;
  readonly isLong?: boolean;
}) {
  const { state, ms, problem } = health;
  return (
    <Stack gap={2} maw={isLong ? 640 : 320}>
      <span className="nowrap">
        <HealthBadge health={health} /> {ms !== undefined && <span className="num">{formatMs(ms)}</span>}
      </span>
      {problem !== undefined && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }} {...(!isLong && { lineClamp: 2 })}>
          {problem}
        </Text>
      )}
      {isLong && state === 'away' && <Text size="sm">{adviceOn(problem ?? '')}</Text>}
    </Stack>
  );
}

/** How many records a store holds, of all kinds together. */
export function recordsOf({ records }: TokenStoreHealth): string {
  if (records === undefined) return '–';
  return formatNumber(Object.values(records).reduce((sum, count) => sum + count, 0));
}
