import { FEED_FORMAT, type FeedEntry, type FeedLine } from '#core/change-feed';
import type { Clock } from '#core/clock';
import type { ManagerDatabase } from '../database.ts';
import { readHead } from './append.ts';
import { readFeed } from './read.ts';
import type { Signal } from './signal.ts';

const ENTRIES_PER_PAGE = 500;
const HEARTBEAT_MS = 1000;

/** Who reads the feed, and from where. */
export interface FeedReaderPlace {
  readonly gatewayId: string;
  readonly serverGroupId: string;
  /** Epoch and number that it has; undefined on its first time. */
  readonly epoch: string | undefined;
  readonly since: number;
  /** Changes entries on their way to this reader; undefined: the entry is not for it. */
  readonly rewrite?: (entry: FeedEntry) => FeedEntry | undefined;
  /** What it is told to do; left out for one that does not understand orders. A removed one's feed ends at once. */
  readonly order?: () => 'run' | 'drain' | 'removed';
}

/** What the stream needs of the manager. */
export interface FeedSource {
  readonly db: ManagerDatabase;
  readonly clock: Clock;
  /** Woken after each commit; without it a change is seen at the next heartbeat. */
  readonly signal: Signal;
}

/**
 * The lines of the feed for one gateway, as texts, until it goes away: first what it lacks, then live. Pulled: a slow reader is waited for,
 * nothing is queued for it. Another epoch, a number that the feed never gave, or one below the horizon gets everything anew (decision 8).
 */
export async function* streamFeed(
  source: FeedSource,
  place: FeedReaderPlace,
  abort: AbortSignal,
): AsyncGenerator<string> {
  const { db, clock, signal } = source;
  const { gatewayId, serverGroupId, rewrite = (entry: FeedEntry) => entry } = place;
  const { epoch, seq: headAtStart, horizon } = await readHead(db.read);
  const snapshot = place.epoch !== epoch || place.since > headAtStart || place.since < horizon;
  yield line({ type: 'hello', format: FEED_FORMAT, epoch, snapshot, seq: headAtStart, serverGroupId, gatewayId });
  let since = snapshot ? 0 : place.since;
  let caughtUp = false;
  let told: string | undefined;
  while (!abort.aborted && !signal.closed) {
    const seen = signal.count;
    const order = place.order?.();
    if (order === 'removed') return;
    if (order !== told) yield line({ type: 'order', seq: headAtStart, drain: order === 'drain' });
    told = order;
    // Read before the entries: what is committed in between may be among them, but nothing up to the head is missing.
    const head = await readHead(db.read);
    const isCut = !snapshot && !caughtUp && since < head.horizon;
    if (head.epoch !== epoch || isCut) return; // it comes back and gets a snapshot
    const range = { since, serverGroupId, limit: ENTRIES_PER_PAGE };
    const page = await readFeed(db.read, snapshot && !caughtUp ? { ...range, tombstonesBehind: headAtStart } : range);
    for (const [seq, entries] of bySeq(page.entries))
      yield line({ type: 'changes', seq, entries: entries.flatMap((entry) => rewrite(entry) ?? []) });
    since = Math.max(since, page.entries.at(-1)?.seq ?? 0);
    if (page.more) continue;
    since = Math.max(since, head.seq);
    caughtUp = true;
    yield line({ type: 'caught-up', seq: since, at: clock.now() });
    await signal.next(seen, HEARTBEAT_MS, abort);
  }
}

function bySeq(entries: readonly FeedEntry[]): Map<number, FeedEntry[]> {
  return Map.groupBy(entries, ({ seq }) => seq);
}

function line(line: FeedLine): string {
  return `${JSON.stringify(line)}\n`;
}
