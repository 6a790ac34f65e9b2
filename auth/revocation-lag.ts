import type { Clock } from '#core/clock';
import type { Metrics } from '#core/metrics';
import type { StoreChange, TokenStore } from '#core/token-store';

/** Look-ups for the metric under way at once: what comes beyond, in a mass revocation, is not measured. */
const LOOK_UPS_AT_ONCE = 16;

/**
 * Measures how long a revocation took from its writing until this process knows of it: `revocation_lag_seconds`. A standing says when it changed,
 * of a token the store is asked; a grant's death is in the same feed and is not measured. Clocks of several machines are compared: what their
 * difference would make negative counts as 0.
 */
export function createRevocationLag({
  store,
  clock,
  metrics,
}: {
  readonly store: Pick<TokenStore, 'findAccess'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): (change: StoreChange | 'flush') => void {
  const lag = metrics.histogram(
    'revocation_lag_seconds',
    'Time from the writing of a revocation until a gateway worker refuses what it revokes.',
  );
  let underWay = 0;
  const observe = (at: number, heardAt: number) => lag.observe(Math.max(0, heardAt - at) / 1000);
  const ask = async (hash: string, heardAt: number) => {
    underWay += 1;
    try {
      const found = await store.findAccess(hash, heardAt);
      if (found.state === 'revoked' && found.standing === undefined) observe(found.at, heardAt);
    } catch {
      // A measurement that fails is left out: the store's own metrics tell of its failures.
    } finally {
      underWay -= 1;
    }
  };
  return (change) => {
    if (change === 'flush' || change.kind === 'grant') return;
    const now = clock.now();
    if (change.kind === 'standing') observe(change.standing.at, now);
    else if (underWay < LOOK_UPS_AT_ONCE) void ask(change.hash, now);
  };
}
