import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { TokenStoreHealth } from '#core/model/token-store';
import type { OpenedStore } from '#core/token-stores';

/** A find that takes longer is worth looking at: issuing and verifying wait for it. */
const SLOW_MS = 250;
/** A hash that no token has. */
const NOBODY = '0'.repeat(64);

/** Asks a store for something that is not there, and for its sizes and what its settings put at risk. Never throws. */
export async function checkHealth(store: OpenedStore | undefined, clock: Clock): Promise<TokenStoreHealth> {
  if (store === undefined) return { state: 'unused' };
  const checkedAt = clock.now();
  const begun = clock.monotonic();
  try {
    await store.store.findAccess(NOBODY, checkedAt);
    const ms = Math.round((clock.monotonic() - begun) * 10) / 10;
    const [records, warnings] = await Promise.all([store.store.sizes(), store.store.warnings()]);
    const problem = warnings.join(' ');
    return { state: ms > SLOW_MS ? 'slow' : 'ok', checkedAt, ms, records, ...(problem !== '' && { problem }) };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { state: 'away', checkedAt, problem: store.problem ?? error.message };
  }
}
