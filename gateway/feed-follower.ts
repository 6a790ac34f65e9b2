import type { ClientRequest } from 'node:http';
import type { Logger } from '#core/logger';
import type { Random } from '#core/random';
import { createBackoff } from './backoff.ts';
import { createLineSplitter, FeedMismatch, FeedRefused, GatewayRemoved, parseFeedLine } from './feed-lines.ts';
import { createFeedSession, type FeedNews } from './feed-session.ts';
import { isOtherManager, type ManagerLink } from './manager-link.ts';
import type { Replica } from './replica.ts';

/** The manager beats once a second; so long a silence means that the connection is dead though nobody said so. */
const SILENCE_MS = 3000;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;
/** A feed that is not understood will not be understood a second later either. */
const REFUSED_WAIT_MS = 10_000;

/** What following the feed needs. */
export interface FeedFollowerDeps {
  readonly link: ManagerLink;
  /** What only this gateway may read is sealed to this key. */
  readonly letterKey: { readonly publicKey: string; readonly isNew: boolean };
  readonly serverGroup: string;
  readonly gatewayId: string;
  readonly replica: Replica;
  readonly random: Random;
  readonly logger: Logger;
  /** Lines were applied. Comes after every piece of the feed, also when nothing changed. */
  readonly onNews: (news: FeedNews) => void;
  /** The replica could not be written. The feed is asked for again from where it is. */
  readonly onReplicaError: (error: unknown) => void;
  /** The manager said that this gateway was removed. It is asked again now and then, but nothing else is to be expected. */
  readonly onRemoved: () => void;
}

/** Follows the manager's change feed from where the replica is, for as long as it is open. */
export interface FeedFollower {
  /** Why the manager's feed is not taken, in words; undefined: it is, or the manager is away. */
  readonly problem: string | undefined;
  /** True while a connection delivers. */
  readonly isConnected: boolean;
  close(): void;
}

/** Starts following; comes back by itself whenever the connection is lost. */
export function followFeed(deps: FeedFollowerDeps): FeedFollower {
  const { replica, logger } = deps;
  const backoff = createBackoff(deps.random, { firstMs: FIRST_WAIT_MS, longestMs: LONGEST_WAIT_MS });
  let problem: string | undefined;
  let isConnected = false;
  let isClosed = false;
  // letters in the replica are for the key before
  let fromTheBeginning = deps.letterKey.isNew;
  let timer: NodeJS.Timeout | undefined;
  let request: ClientRequest | undefined;

  const connect = (): void => {
    const current = deps.link.request({ method: 'GET', path: pathOf(deps, fromTheBeginning) });
    request = current;
    let isOver = false;
    const lost = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      current.destroy();
      if (isConnected && !isClosed) logger.warn({ err: error }, 'The feed was lost');
      isConnected = false;
      if (!isClosed) timer = setTimeout(connect, waitAfter(error));
    };
    current.end();
    current.setTimeout(SILENCE_MS, () => lost(new Error(`The manager was silent for ${SILENCE_MS} ms.`)));
    current.on('error', lost);
    current.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        lost(refusalOf(response.statusCode, deps.serverGroup));
        return;
      }
      const splitter = createLineSplitter();
      const session = createFeedSession(replica);
      response.on('data', (chunk: Buffer) => {
        if (isOver) return;
        try {
          const lines = splitter.push(chunk).map(parseFeedLine);
          if (lines.length > 0) heard(session.take(lines));
        } catch (error) {
          lost(error);
        }
      });
      response.on('error', lost);
      response.on('close', () => lost(new Error('The manager closed the feed.')));
    });
  };
  const heard = (news: FeedNews): void => {
    fromTheBeginning = false;
    if (news.isCaughtUp) {
      if (!isConnected) logger.info({ seq: replica.position?.seq }, 'The feed has caught up');
      isConnected = true;
      problem = undefined;
      backoff.reset();
    }
    deps.onNews(news);
  };
  /** Notes why a connection ended and says how long to wait for the next. */
  const waitAfter = (error: unknown): number => {
    if (error instanceof FeedMismatch) fromTheBeginning = true;
    else if (error instanceof GatewayRemoved) {
      problem = error.message;
      deps.onRemoved();
      return REFUSED_WAIT_MS;
    } else if (isOtherManager(error)) return waitAfter(otherManager(deps.link, error));
    else if (error instanceof FeedRefused) {
      if (problem !== error.message)
        logger.error({ err: error }, 'The feed is refused; the gateway serves what it has');
      problem = error.message;
      return REFUSED_WAIT_MS;
    } else if (!isConnectionError(error)) deps.onReplicaError(error);
    return backoff.next();
  };

  connect();
  return {
    get problem() {
      return problem;
    },
    get isConnected() {
      return isConnected;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      request?.destroy();
    },
  };
}

function pathOf({ serverGroup, gatewayId, letterKey, replica }: FeedFollowerDeps, fromTheBeginning: boolean): string {
  const { position } = replica;
  const query = new URLSearchParams({
    serverGroup,
    gatewayId,
    sealTo: letterKey.publicKey,
    epoch: fromTheBeginning ? '' : (position?.epoch ?? ''),
    since: String(fromTheBeginning ? 0 : (position?.seq ?? 0)),
  });
  return `/internal/v1/feed?${query}`;
}

function refusalOf(status: number | undefined, serverGroup: string): Error {
  switch (status) {
    case 404:
      return new FeedRefused(
        `There is no server group ${serverGroup}. Make it, or set GATEWRIGHT_SERVER_GROUP to one that exists.`,
      );
    case 401:
      return new FeedRefused(
        "The manager does not let this gateway's certificate in: it ended or was replaced. Join again with a new token.",
      );
    case 410:
      return new GatewayRemoved('This gateway was removed from its server group. It comes back by joining anew.');
    default:
      return new FeedRefused(`The manager answered the feed with ${status}.`);
  }
}

function otherManager({ place }: ManagerLink, cause: unknown): FeedRefused {
  return new FeedRefused(`Who answers at ${place} is not the manager that this gateway joined.`, { cause });
}

/** SQLite's errors carry `errcode`; whatever else ends a connection is the connection's. */
function isConnectionError(error: unknown): boolean {
  return !(error instanceof Error) || !('errcode' in error);
}
