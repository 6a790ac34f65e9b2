import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import type { Random } from '#core/random';
import { type FeedFollower, followFeed } from './feed-follower.ts';
import type { FeedNews } from './feed-session.ts';
import type { ToWorker } from './ipc.ts';
import type { ManagerLink } from './manager-link.ts';
import type { Changed, Replica } from './replica.ts';
import { isDamage } from './replica-database.ts';
import { type GatewayFiles, setAside } from './replica-files.ts';
import type { FeedPosition } from './replica-mark.ts';
import { openReplicaForWriting, recheckReplica } from './replica-open.ts';

/** A good generation is saved at most so often, when something changed. */
const GOOD_EVERY_MS = 5 * 60_000;
/** The whole replica is checked at most so often because a worker complained. */
const MEND_EVERY_MS = 5000;
/** Beyond so many changed objects a worker forgets all it knows instead of one by one. */
const NAMED_CHANGES = 1000;

/** What taking in the feed needs. */
export interface FeedIntakeDeps {
  readonly files: GatewayFiles;
  readonly link: ManagerLink;
  readonly letterKey: { readonly publicKey: string; readonly isNew: boolean };
  readonly gatewayId: string;
  readonly serverGroup: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Tells all workers. */
  tell(message: ToWorker): void;
  /** The manager says what the gateway is to do. */
  onOrder(order: 'run' | 'drain' | 'removed'): void;
}

/** The primary's replica and the feed that fills it; a damaged replica is mended here. */
export interface FeedIntake {
  readonly position: FeedPosition | undefined;
  /** The newest number that the manager has, as far as is known. */
  readonly headSeq: number;
  /** Why the feed or the replica is not as it should be, in words. */
  readonly problem: string | undefined;
  /** Since when nothing was heard of the manager, ms; undefined: it never was. */
  readonly silentMs: number | undefined;
  /** The manager's clock minus ours, ms, when it was last heard. */
  readonly clockOffsetMs: number | undefined;
  follow(): void;
  accept(seq: number, refusedIds: ReadonlySet<string>): void;
  /** A worker met a damaged row: set the replica aside and fetch it anew, while the workers serve what they have. */
  mend(problem: string): void;
  close(): Promise<void>;
}

/** Opens the replica; {@link FeedIntake.follow} starts the feed. */
export function createFeedIntake(deps: FeedIntakeDeps): FeedIntake {
  const { files, clock, logger, tell } = deps;
  let { replica, notice }: { replica: Replica; notice: string | undefined } = openReplicaForWriting(deps);
  let follower: FeedFollower | undefined;
  let headSeq = replica.position?.seq ?? 0;
  let heardAt: number | undefined;
  let clockOffsetMs: number | undefined;
  let toldSeq = 0;
  /** True after mending: the workers read the old file until the new one has caught up. */
  let isReplaced = false;
  let isClosed = false;
  let mendedAt = Number.NEGATIVE_INFINITY;

  const news = ({ changed, isCaughtUp, at, order, headSeq: head }: FeedNews): void => {
    headSeq = head;
    if (order !== undefined) deps.onOrder(order);
    const { position } = replica;
    if (isReplaced && isCaughtUp) {
      isReplaced = false;
      tell({ type: 'reopen' });
    } else if (changed !== undefined && position !== undefined && !isReplaced) {
      toldSeq = position.seq;
      tell({ type: 'changed', seq: position.seq, changed: summarized(changed) });
    } else if (position !== undefined && position.seq > toldSeq && !isReplaced) {
      // nothing for this server group, but it is up to there: it does not lag
      toldSeq = position.seq;
      tell({ type: 'changed', seq: position.seq, changed: [] });
    }
    if (!isCaughtUp) return;
    notice = undefined;
    heardAt = clock.monotonic();
    if (at !== undefined && at > 0) clockOffsetMs = at - clock.now();
    tell({ type: 'heard' });
    replica.saveGood(GOOD_EVERY_MS);
  };
  const follow = (): void => {
    follower = followFeed({
      ...deps,
      replica,
      onNews: news,
      onRemoved: () => deps.onOrder('removed'),
      onReplicaError(error) {
        logger.error({ err: error }, 'The replica cannot be written');
        if (isDamage(error)) intake.mend(error instanceof Error ? error.message : String(error));
      },
    });
  };
  const intake: FeedIntake = {
    get position() {
      return isReplaced ? undefined : replica.position;
    },
    get headSeq() {
      return headSeq;
    },
    get problem() {
      return follower?.problem ?? notice;
    },
    get silentMs() {
      return heardAt === undefined ? undefined : clock.monotonic() - heardAt;
    },
    get clockOffsetMs() {
      return clockOffsetMs;
    },
    follow,
    accept(seq, refusedIds) {
      if (!isReplaced && !isClosed) replica.accept(seq, refusedIds);
    },
    mend(problem) {
      // several workers meet the same row, and meet it again until they read the new file
      if (isReplaced || isClosed || clock.monotonic() - mendedAt < MEND_EVERY_MS) return;
      mendedAt = clock.monotonic();
      const found = recheckReplica(files);
      if (found === undefined) {
        logger.warn({ problem }, 'A worker met a damaged row, but the replica is good; the worker reads it again');
        tell({ type: 'reopen' });
        return;
      }
      follower?.close();
      replica.abandon();
      const aside = setAside(files);
      logger.error({ problem: found, aside }, 'The replica is damaged; it is set aside and fetched anew');
      ({ replica, notice } = openReplicaForWriting(deps));
      // a good generation can be read at once; an empty replica only when it has caught up
      if (replica.position === undefined) isReplaced = true;
      else tell({ type: 'reopen' });
      follow();
    },
    async close() {
      isClosed = true;
      follower?.close();
      await replica.close();
    },
  };
  return intake;
}

function summarized(changed: Changed): Changed {
  return changed !== 'everything' && changed.length > NAMED_CHANGES ? 'everything' : changed;
}
