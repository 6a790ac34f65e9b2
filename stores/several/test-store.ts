import type { Clock } from '#core/clock';
import { base62 } from '#core/id';
import type { TokenStoreTest } from '#core/model/token-store';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { problemWords } from '../problem-words.ts';

/** How long a test may take: whoever asks for it waits. */
const TEST_MS = 8000;
const RECORD_MS = 60_000;

/**
 * Opens a store, writes, reads and takes away a record that nothing else knows, and closes it. Never throws: what goes wrong is the answer. A
 * store that opens only after the time is closed then.
 */
export async function testStore(
  open: () => Promise<TokenStore>,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<TokenStoreTest> {
  const begun = clock.monotonic();
  const took = () => Math.round(clock.monotonic() - begun);
  const testing = tryStore(open, `test ${base62(random, 22)}`, clock);
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`it did not answer within ${TEST_MS / 1000} s`), TEST_MS);
  try {
    const result = await Promise.race([testing, late.promise]);
    if (typeof result === 'string') return { isReached: false, ms: took(), problem: result, warnings: [] };
    return { isReached: true, ms: took(), warnings: [...result] };
  } catch (error) {
    return { isReached: false, ms: took(), problem: problemWords(error), warnings: [] };
  } finally {
    clearTimeout(timer);
    testing.catch(() => {});
  }
}

async function tryStore(open: () => Promise<TokenStore>, id: string, clock: Clock): Promise<readonly string[]> {
  await using store = await open();
  const now = clock.now();
  await store.saveTransient({ kind: 'session', id, value: '{}', expiresAt: now + RECORD_MS });
  const found = await store.findTransient('session', id, now);
  if (found?.value !== '{}') throw new Error('what was written could not be read');
  await store.takeTransient('session', id, now);
  return await store.warnings(); // before it is closed
}
