import type { FeedClient } from '#core/change-feed';
import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import type { TokenStore } from '#core/token-store';

const MAX_CLIENTS = 10_000;
/** How long a count of the store is trusted; tokens issued here meanwhile are added to it. */
const COUNT_LIFE_MS = 1000;
const RETRY_SECONDS = '60';

interface Count {
  count: number;
  readonly until: number;
}

/**
 * Makes the check that a client has at most `limit` tokens that have not expired (decision 35). Other processes' tokens are seen a second late.
 * The check throws Refusal `live_tokens_limited`.
 */
export function createLiveTokenCheck(
  limit: number,
  store: Pick<TokenStore, 'countLive'>,
  clock: Clock,
): (client: FeedClient) => void | Promise<void> {
  const counts = new Map<string, Count>();

  function use(counted: Count, client: FeedClient): void {
    if (counted.count >= limit) {
      const facts = { limit, client: client.displayName };
      throw new Refusal('live_tokens_limited', facts, { headers: { 'Retry-After': RETRY_SECONDS } });
    }
    counted.count += 1;
  }

  function remember(clientId: string, count: number): Count {
    counts.delete(clientId);
    if (counts.size >= MAX_CLIENTS) for (const oldest of counts.keys()) if (counts.delete(oldest)) break;
    const counted = { count, until: clock.monotonic() + COUNT_LIFE_MS };
    counts.set(clientId, counted);
    return counted;
  }

  return (client) => {
    const known = counts.get(client.id);
    if (known !== undefined && known.until > clock.monotonic()) return use(known, client);
    const count = store.countLive(client.id, clock.now());
    if (typeof count === 'number') return use(remember(client.id, count), client);
    return count.then((counted) => use(remember(client.id, counted), client));
  };
}
