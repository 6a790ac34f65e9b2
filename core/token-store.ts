import type { Generations, Standing } from './standing.ts';

/** An access token as stored: its hash, never its value. */
export interface AccessToken {
  /** SHA-256 of the token, 64 hex digits. */
  readonly hash: string;
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly secretId: string;
  /** Id of the server group in which it was issued: it is valid there (decision 13). */
  readonly serverGroupId: string;
  /** Id of the token end point project that issued it. */
  readonly projectId: string;
  /** Resource owner, or undefined for client_credentials. */
  readonly subject: string | undefined;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly generations: Generations;
  /** Additional parameters (seed 002). */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What became of a token (decision 5): the store says which, because *explain* needs it. */
export type FoundToken =
  | {
      readonly state: 'live';
      readonly token: AccessToken /** Suspended or disabled standings that bear on it. */;
      readonly inactive: readonly Standing[];
    }
  | { readonly state: 'expired'; readonly token: AccessToken }
  | {
      readonly state: 'revoked';
      readonly token: AccessToken;
      readonly by: string;
      readonly at: number;
      readonly reason:
        | string
        | undefined /** The standing whose generation killed it; undefined when it was revoked itself. */;
      readonly standing: Standing | undefined;
    }
  | { readonly state: 'unknown' };

/** Who revokes, when and why. */
export interface RevocationNote {
  readonly by: string;
  readonly at: number;
  readonly reason: string | undefined;
}

/** What a reader of the store's feed must forget. */
export type StoreChange =
  | { readonly kind: 'token'; readonly hash: string }
  | { readonly kind: 'standing'; readonly standing: Standing };

/** A place in the store's own feed: opaque to the reader. */
export type StoreCursor = string;

/** One page of the store's feed. `flush`: the reader lost its place (restore, other store) and must forget everything it has cached. */
export interface StoreChanges {
  readonly cursor: StoreCursor;
  readonly flush: boolean;
  readonly changes: readonly StoreChange[];
}

/**
 * Where access tokens live. Times are epoch milliseconds from the one injected clock and are passed in. An adapter answers with promises
 * only where it must wait: `findAccess` of an embedded store is synchronous, and the hot path takes advantage of it.
 * Every adapter passes `test/contract/token-store.ts`.
 */
export interface TokenStore extends AsyncDisposable {
  /** What kind of engine it is, for messages and metrics: `memory`, `sqlite`, … */
  readonly kind: string;
  /**
   * Durable when resolved (group-committed). Saving the same hash twice is one effect.
   * @throws UnavailableError when the queue is full or the engine does not answer.
   */
  saveAccess(token: AccessToken): Promise<void>;
  /** State by hash. Checks expiry against `now` and generations against the standings written here; never calls a dead token live. */
  findAccess(hash: string, now: number): FoundToken | Promise<FoundToken>;
  /** Marks one token revoked, idempotently: the first revocation's note stays. Resolves durable; false when there is no such token. */
  revokeAccess(hash: string, note: RevocationNote): Promise<boolean>;
  /** Writes standings (a lower generation than the stored one is ignored, so that a late writer cannot bring tokens back). Durable when resolved. */
  writeStandings(standings: readonly Standing[]): Promise<void>;
  /** Every standing that was ever written, for a gateway that starts without the manager. */
  readStandings(): Promise<readonly Standing[]>;
  /** The number, in the manager's feed, up to which standings were written here; undefined when never. */
  readFeedMark(): Promise<{ readonly epoch: string; readonly seq: number } | undefined>;
  writeFeedMark(mark: { readonly epoch: string; readonly seq: number }): Promise<void>;
  /** The store's own feed since a cursor (undefined: only the present place), at most `limit` changes, in commit order. */
  changesSince(cursor: StoreCursor | undefined, limit: number): Promise<StoreChanges>;
  /** Tokens of a client that have not expired (revoked ones included until they do). May count expiries to the minute. */
  countLive(clientId: string, now: number): number | Promise<number>;
  /** Removes up to `limit` rows dead for longer than the retention it was opened with; gives how many. Engines with a TTL give 0. */
  purge(now: number, limit: number): Promise<number>;
}
