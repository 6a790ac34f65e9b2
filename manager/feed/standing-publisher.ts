import type { Logger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import type { OpenedStore } from '#core/token-stores';
import type { ManagerDatabase, Reader } from '../database.ts';
import { readHead } from './append.ts';
import { readFeed } from './read.ts';
import { createSignal } from './signal.ts';
import { STANDING_FEED_KINDS, standingsOf } from './standings.ts';

const ENTRIES_PER_PAGE = 500;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;

/** Writes every change of standing to the token stores (decision 6), so that gateways hear of it also without the manager's feed. */
export interface StandingPublisher extends AsyncDisposable {
  /** Resolves when all stores have everything up to this number, or after `waitMs`: then it goes on in the background. */
  publish(seq: number, waitMs: number): Promise<void>;
  /** The lowest number up to which every store has everything. */
  readonly published: number;
  /** Other stores are open now: new ones are brought up, those that went are left alone. */
  follow(): void;
}

/** What the publisher needs. */
export interface StandingSource {
  readonly db: ManagerDatabase;
  readonly stores: { opened(): readonly Pick<OpenedStore, 'name' | 'store'>[] };
  readonly logger: Logger;
}

/** Starts it: first it writes whatever the stores lack, from the mark that each of them keeps. */
export function startStandingPublisher(source: StandingSource): StandingPublisher {
  const { db, stores, logger } = source;
  const wanted = createSignal();
  const progressed = createSignal();
  const marks = new Map<TokenStore, number>();
  const followers = new Set<Promise<void>>();
  const published = () => (marks.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...marks.values()));
  const isOpen = (store: TokenStore) => stores.opened().some((one) => one.store === store);

  async function bringUpWhileOpen(name: string, store: TokenStore): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    const round: Round = { begunAt: undefined };
    while (!wanted.closed && isOpen(store)) {
      const seen = wanted.count;
      try {
        marks.set(store, await db.publishing(name, (reader) => bringUp(reader, store, round)));
        progressed.wake();
        retryMs = FIRST_RETRY_MS;
        await wanted.next(seen, LONGEST_RETRY_MS);
      } catch (error) {
        if (wanted.closed) return;
        logger.warn(
          { err: error, store: name, retryMs },
          'Standings could not be written to the token store; trying again.',
        );
        await wanted.next(Number.POSITIVE_INFINITY, retryMs);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
    marks.delete(store);
    progressed.wake();
  }

  function follow(): void {
    for (const { name, store } of stores.opened()) {
      if (marks.has(store)) continue;
      marks.set(store, 0);
      const following = bringUpWhileOpen(name, store).finally(() => followers.delete(following));
      followers.add(following);
    }
    wanted.wake();
  }

  follow();
  return {
    get published() {
      return published();
    },
    follow,
    async publish(seq, waitMs) {
      wanted.wake();
      const enough = AbortSignal.timeout(waitMs);
      while (published() < seq && !enough.aborted && !progressed.closed) {
        const seen = progressed.count;
        if (published() < seq) await progressed.next(seen, waitMs, enough);
      }
    },
    async [Symbol.asyncDispose]() {
      wanted.close();
      progressed.close();
      await Promise.all(followers);
    },
  };
}

interface Round {
  /** From where a round writes that has not ended well. */
  begunAt: number | undefined;
}

/**
 * Writes to a store what it lacks, page by page; gives the number up to which it has everything. A mark of another epoch counts for nothing.
 * After a round that failed, another manager may have gone on, and what was under way here may have come after what that one wrote: the store's
 * mark says too much then, and the next round begins where that one did.
 */
async function bringUp(reader: Reader, store: TokenStore, round: Round): Promise<number> {
  const { epoch, seq: head } = await readHead(reader);
  const mark = await store.readFeedMark();
  let since = mark?.epoch === epoch ? Math.min(mark.seq, round.begunAt ?? mark.seq) : 0;
  if (mark?.epoch === epoch && since >= head) return since;
  round.begunAt = since;
  for (let more = true; more; ) {
    const page = await readFeed(reader, { since, kinds: STANDING_FEED_KINDS, limit: ENTRIES_PER_PAGE });
    const standings = await standingsOf(reader, page.entries);
    if (standings.length > 0) await store.writeStandings(standings);
    since = Math.max(since, page.more ? 0 : head, page.entries.at(-1)?.seq ?? 0);
    await store.writeFeedMark({ epoch, seq: since });
    more = page.more;
  }
  round.begunAt = undefined;
  return since;
}
