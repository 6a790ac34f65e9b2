import type { FeedEntry, FeedLine } from '#core/change-feed';
import { FeedMismatch, FeedRefused } from './feed-lines.ts';
import type { Changed, IncomingSnapshot, Replica } from './replica.ts';

/** Most entries that are held back until the feed has caught up. */
const HELD_BACK = 20_000;

/** What came of a piece of the feed. */
export interface FeedNews {
  /** What changed in the replica, when something did. */
  readonly changed: Changed | undefined;
  /** All that the manager has is here. */
  readonly isCaughtUp: boolean;
  /** The manager's clock at the last heartbeat, epoch ms. */
  readonly at: number | undefined;
  /** What the gateway is told to do, when it was told. */
  readonly order: 'run' | 'drain' | undefined;
  /** The newest number that the manager has, as far as it said. */
  readonly headSeq: number;
}

/** One connection's feed, from its first line on. */
export interface FeedSession {
  /** Applies lines that came together in one go. @throws FeedRefused, FeedMismatch, and errors of the replica */
  take(lines: readonly FeedLine[]): FeedNews;
}

/**
 * Applies one connection's lines to the replica. Up to the first `caught-up` change sets are applied together: the feed is compacted, so
 * that what lies between is a state that never was. A snapshot is put together aside while the old state serves, and is there at once.
 */
export function createFeedSession(replica: Replica): FeedSession {
  let snapshot: IncomingSnapshot | undefined;
  let isOpened = false;
  let isCaughtUp = false;
  let held: FeedEntry[] = [];
  let headSeq = replica.position?.seq ?? 0;

  const hello = (line: Extract<FeedLine, { type: 'hello' }>): void => {
    if (isOpened) throw new FeedRefused('The feed says twice which one it is.');
    isOpened = true;
    const { position } = replica;
    const isOther = position !== undefined && (position.epoch !== line.epoch || line.seq < position.seq);
    // the manager should have seen that itself; going on would mix two histories
    if (isOther && !line.snapshot) throw new FeedMismatch('The feed is another one, but does not send everything.');
    if (line.snapshot || position === undefined) snapshot = replica.beginSnapshot(line);
  };
  const catchUp = (seq: number): Changed | undefined => {
    if (snapshot !== undefined) {
      snapshot.add(held);
      snapshot.commit(seq);
      snapshot = undefined;
      held = [];
      return 'everything';
    }
    const isBehind = held.length > 0 || seq > (replica.position?.seq ?? 0);
    const changed = isBehind ? replica.apply(held, seq) : [];
    held = [];
    return changed.length === 0 ? undefined : changed;
  };

  return {
    take(lines) {
      let at: number | undefined;
      let seq = 0;
      let sawHeartbeat = false;
      let order: FeedNews['order'];
      for (const line of lines) {
        headSeq = Math.max(headSeq, line.seq);
        if (line.type === 'hello') {
          headSeq = line.seq;
          hello(line);
          continue;
        }
        if (line.type === 'order') {
          order = line.drain ? 'drain' : 'run';
          continue;
        }
        if (!isOpened) throw new FeedRefused('The feed does not begin with which one it is.');
        seq = Math.max(seq, line.seq);
        if (line.type === 'changes') {
          for (const entry of line.entries) held.push(entry); // not push(...): a change set may be large
        } else {
          sawHeartbeat = true;
          at = line.at;
        }
        if (snapshot !== undefined && held.length >= HELD_BACK) {
          snapshot.add(held);
          held = [];
        }
      }
      let changed: Changed | undefined;
      if (sawHeartbeat || isCaughtUp || (snapshot === undefined && held.length >= HELD_BACK)) changed = catchUp(seq);
      isCaughtUp ||= sawHeartbeat;
      return { changed, isCaughtUp, at, order, headSeq };
    },
  };
}
