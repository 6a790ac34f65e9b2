import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import type { StoreChange, StoreCursor, TokenStore } from '#core/token-store';

/** Longer than this without news from either channel, and revocations may be missed (decision 6). */
const STALE_MS = 5000;
const PAGE_CHANGES = 1000;
/** Between two reads that the store hinted at: many changes in a row are read together. */
const BREATH_MS = 10;

/** What the watch works with. */
export interface RevocationWatchDependencies {
  readonly store: Pick<TokenStore, 'changesSince' | 'listen'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the store's own feed is read, besides whenever the store hints that there is something. */
  readonly intervalMs: number;
  /** Told each change in commit order; `flush`: the place in the feed was lost, everything cached must be forgotten. */
  onChange(change: StoreChange | 'flush'): void;
}

/** Follows the token store's own feed and knows how fresh this process is. */
export interface RevocationWatch {
  start(): void;
  close(): void;
  /** Call when the manager's feed said anything, a heartbeat too. */
  heardFromManager(): void;
  /** Milliseconds since either channel was heard, when that is more than 5 s; undefined while the bound is kept. */
  staleForMs(): number | undefined;
  /** Seconds since either channel was heard: no revocation is older than this and still unseen here. */
  lagSeconds(): number;
}

/** Makes the watch; until {@link RevocationWatch.start} it only knows of the manager. */
export function createRevocationWatch(dependencies: RevocationWatchDependencies): RevocationWatch {
  const { store, clock, logger, intervalMs, onChange } = dependencies;
  let heardAt = clock.monotonic();
  let cursor: StoreCursor | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isFailing = false;
  let isReading = false;
  let isHinted = false;
  let listening: AsyncDisposable | undefined;

  async function poll(): Promise<void> {
    let isMore = true;
    while (isMore && !isClosed) {
      const askedAt = clock.monotonic();
      const page = await store.changesSince(cursor, PAGE_CHANGES);
      if (page.flush) onChange('flush');
      for (const change of page.changes) onChange(change);
      cursor = page.cursor;
      heardAt = Math.max(heardAt, askedAt); // the answer holds what was committed before it was asked for
      isMore = page.changes.length >= PAGE_CHANGES; // of several stores there may be more
    }
  }

  async function run(): Promise<void> {
    isReading = true;
    isHinted = false;
    try {
      await poll();
      if (isFailing) logger.info({}, 'the feed of the token store is read again');
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn({ err: error }, 'the feed of the token store cannot be read; it is tried again');
      isFailing = true;
    }
    isReading = false;
    readAfter(isHinted ? BREATH_MS : intervalMs);
  }

  function readAfter(ms: number): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(() => void run(), ms).unref();
  }

  function hinted(): void {
    if (!isHinted && !isReading) readAfter(0);
    isHinted = true; // what is being read may have been asked for before
  }

  return {
    start() {
      listening = store.listen?.(hinted);
      void run();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      void listening?.[Symbol.asyncDispose]();
    },
    heardFromManager() {
      heardAt = clock.monotonic();
    },
    staleForMs() {
      const age = clock.monotonic() - heardAt;
      return age > STALE_MS ? age : undefined;
    },
    lagSeconds: () => (clock.monotonic() - heardAt) / 1000,
  };
}
