import type { FeedClient } from '#core/change-feed';
import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';
import { createWindowCounter } from '../window-counter.ts';

const WINDOW_MS = 1000;
const MAX_CLIENTS = 10_000;

/**
 * Makes the check that a client gets at most `limit` tokens a second from this process (decision 35); each call counts as one.
 * The check throws Refusal `issue_limited`.
 */
export function createIssueRateCheck(limit: number, clock: Clock): (client: FeedClient) => void {
  const counter = createWindowCounter({ windowMs: WINDOW_MS, maxKeys: MAX_CLIENTS, clock });
  return ({ id, displayName }) => {
    const { count, endsInMs } = counter.read(id);
    if (count >= limit) {
      const facts = { limit, client: displayName, retryAfterMs: Math.ceil(endsInMs) };
      throw new Refusal('issue_limited', facts);
    }
    counter.add(id);
  };
}
