import type { Generations, Standing } from './standing.ts';

/** An access token as stored: its hash, never its value. */
export interface AccessToken {
  /** SHA-256 of the token, 64 hex digits. */
  readonly hash: string;
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly productId: string;
  /** The secret with which it was got; undefined when the client proved itself otherwise, or not at all (public clients). */
  readonly secretId: string | undefined;
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
  /** The grant it came from: it dies with it. Left out when nothing but the token itself was granted (client_credentials). */
  readonly grantId?: string | undefined;
  readonly details?: TokenDetails | undefined;
}

/** What only some tokens have. Kept as one JSON text; left out when empty. */
export interface TokenDetails {
  /** For whom it is meant (RFC 8707, RFC 8693), as requested: absolute URIs or project names. Left out: every project of its product. */
  readonly audience?: readonly string[] | undefined;
  /** SHA-256 of the client certificate it is bound to, base64url (RFC 8705 §3.1 `x5t#S256`). */
  readonly certificate?: string | undefined;
  /** Who acts for the subject (RFC 8693 §4.1): the client id of each, the present one first. */
  readonly actors?: readonly string[] | undefined;
  /** Name under which the resource owner signed in, for introspection's `username`. */
  readonly username?: string | undefined;
  /** When the resource owner signed in, epoch ms (RFC 9068 §2.2.1 `auth_time`). */
  readonly authenticatedAt?: number | undefined;
  /** `jti` of a JWT access token. */
  readonly jti?: string | undefined;
}

/** What a resource owner, or a client for itself, was granted once: the root of its codes, refresh tokens and access tokens. They die with it. */
export interface Grant {
  /** `gra_` + 16 Crockford. */
  readonly id: string;
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly productId: string;
  readonly serverGroupId: string;
  readonly projectId: string;
  readonly subject: string | undefined;
  /** All that was granted; a refresh may narrow it, never widen. */
  readonly scopes: readonly string[];
  readonly createdAt: number;
  /** Generations when it was granted; tokens issued later from it take these. */
  readonly generations: Generations;
  readonly parameters: Readonly<Record<string, string>>;
  readonly details?: TokenDetails | undefined;
}

/** An authorization code as stored (RFC 6749 §4.1.2): its hash, what it is bound to, and the grant that it makes good. */
export interface AuthorizationCode {
  /** SHA-256 of the code, 64 hex digits. */
  readonly hash: string;
  readonly grantId: string;
  /** As it stood in the authorization request; undefined when it was left out there. */
  readonly redirectUri: string | undefined;
  /** S256 challenge (RFC 7636); undefined when none was sent. */
  readonly codeChallenge: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A refresh token as stored. */
export interface RefreshToken {
  readonly hash: string;
  readonly grantId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** What one answer of the token or authorization end point makes durable, in one commit. */
export interface Issue {
  readonly grant?: Grant | undefined;
  readonly code?: AuthorizationCode | undefined;
  readonly access?: AccessToken | undefined;
  readonly refresh?: RefreshToken | undefined;
}

/** The grant of a code or refresh token that died: by whom, when and why; `standing` when a raised generation did it. */
export interface GrantDeath extends RevocationNote {
  readonly standing: Standing | undefined;
}

/** What became of a code that was presented. Only `consumed` may be answered with tokens. */
export type ConsumedCode =
  | {
      readonly state: 'consumed';
      readonly code: AuthorizationCode;
      readonly grant: Grant;
      readonly inactive: readonly Standing[];
    }
  /** It was consumed before, by another attempt: its grant is dead since this very step (RFC 6749 §4.1.2). */
  | { readonly state: 'replayed'; readonly code: AuthorizationCode; readonly grant: Grant }
  | { readonly state: 'expired'; readonly code: AuthorizationCode; readonly grant: Grant }
  | { readonly state: 'revoked'; readonly code: AuthorizationCode; readonly grant: Grant; readonly death: GrantDeath }
  | Unknown;

/** A store does not know it. `isMoved`: it was moved to another store (see {@link MOVED}), where it is, or will be in a moment. */
export interface Unknown {
  readonly state: 'unknown';
  readonly isMoved?: true | undefined;
}

/**
 * What a code was consumed by, or a refresh token used by, that was moved to another store. Whichever comes first, an attempt or the move, wins
 * in the store where it was; so it is never good in two stores. No attempt has this id.
 */
export const MOVED = 'moved to another store';

/** What is known of a refresh token. `used`: it was rotated away; presenting it again is reuse. */
export type FoundRefresh =
  | {
      readonly state: 'live';
      readonly token: RefreshToken;
      readonly grant: Grant;
      readonly inactive: readonly Standing[];
    }
  | { readonly state: 'used'; readonly token: RefreshToken; readonly grant: Grant; readonly usedAt: number }
  | { readonly state: 'expired'; readonly token: RefreshToken; readonly grant: Grant }
  | { readonly state: 'revoked'; readonly token: RefreshToken; readonly grant: Grant; readonly death: GrantDeath }
  | Unknown;

/** A rotation: one refresh token for the next, with the access token that is answered beside it. */
export interface Rotation {
  readonly hash: string;
  /** Made for each token request; the same again (a retry after an unknown outcome) has the same effect once. */
  readonly attemptId: string;
  readonly now: number;
  /** A replay within so many ms of the rotation is answered with a new access token and no successor (decision 15); 0: never. */
  readonly graceMs: number;
  readonly access: AccessToken;
  readonly successor: RefreshToken;
}

/** What came of a rotation. `rotated`: all is saved. `graced`: only the access token is. `replayed`: nothing is, and the grant is dead since this step. */
export type Rotated =
  | { readonly state: 'rotated' | 'graced' | 'replayed' | 'expired' }
  | Unknown
  | { readonly state: 'revoked'; readonly death: GrantDeath };

/** Something that an end point remembers between two requests: a pushed request, a device code, a sign-in session. `value` is JSON text of at most 16 KiB. */
export interface Transient {
  readonly kind: TransientKind;
  readonly id: string;
  readonly value: string;
  readonly expiresAt: number;
}
export const TRANSIENT_KINDS = ['par', 'device', 'user-code', 'session', 'sign-in', 'external'] as const;
export type TransientKind = (typeof TRANSIENT_KINDS)[number];

/** What is remembered so that it is not taken twice: `jti` of assertions, and the like. */
export const ONCE_KINDS = ['assertion', 'dpop', 'nonce'] as const;
export type OnceKind = (typeof ONCE_KINDS)[number];

/** What a resource owner allowed a client, remembered until it is revoked (decision 12). One for each subject, client and project. */
export interface Consent {
  readonly subject: string;
  readonly clientId: string;
  /** The token end point project. */
  readonly projectId: string;
  readonly scopes: readonly string[];
  readonly grantedAt: number;
  readonly updatedAt: number;
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
      /** True when its grant was revoked, not the token itself. */
      readonly byGrant?: boolean | undefined;
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
  /** Every token of this grant. */
  | { readonly kind: 'grant'; readonly id: string }
  | { readonly kind: 'standing'; readonly standing: Standing };

/** Kinds of rows in the order in which they are copied: deaths of many first, then grants before what hangs on them. */
export const COPIED_KINDS = ['standing', 'grant', 'access', 'code', 'refresh', 'once', 'transient', 'consent'] as const;
export type CopiedKind = (typeof COPIED_KINDS)[number];

/** A row with all that the store knows of it. `key` of `once` and `transient`: the hash under which it is kept (stores/record-key.ts), 64 hex digits. */
export type CopiedRow =
  | { readonly kind: 'standing'; readonly standing: Standing }
  | { readonly kind: 'grant'; readonly grant: Grant; readonly revoked: RevocationNote | undefined }
  | { readonly kind: 'access'; readonly token: AccessToken; readonly revoked: RevocationNote | undefined }
  /** `consumed`: by which attempt. */
  | { readonly kind: 'code'; readonly code: AuthorizationCode; readonly consumed: string | undefined }
  | {
      readonly kind: 'refresh';
      readonly token: RefreshToken;
      readonly used: { readonly by: string; readonly at: number } | undefined;
    }
  | { readonly kind: 'once'; readonly key: string; readonly until: number }
  | {
      readonly kind: 'transient';
      readonly key: string;
      readonly value: string;
      readonly version: number;
      readonly expiresAt: number;
    }
  | { readonly kind: 'consent'; readonly consent: Consent };

/** A page of rows; `next`: where the next one begins, undefined when this is the last. May be empty and not the last. */
export interface CopiedPage {
  readonly rows: readonly CopiedRow[];
  readonly next: string | undefined;
}

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
  /**
   * Saves what one answer hands out, in one commit: all of it or nothing. Saving the same again is one effect; of a grant that is there only the
   * details change. Durable when resolved.
   */
  saveIssue(issue: Issue): Promise<void>;
  /**
   * Consumes a code exactly once, whichever of many processes ask at once. The first attempt gets `consumed`, and gets it again under the same
   * `attemptId`; any other `replayed`, and in that step the grant is revoked.
   */
  consumeCode(hash: string, attempt: { readonly id: string; readonly now: number }): Promise<ConsumedCode>;
  /** What is known of a refresh token; changes nothing. */
  findRefresh(hash: string, now: number): FoundRefresh | Promise<FoundRefresh>;
  /** Rotates a refresh token exactly once; a replay outside of `graceMs` kills the grant in the same step (RFC 9700 §4.14.2). */
  rotateRefresh(rotation: Rotation): Promise<Rotated>;
  /** A grant, dead ones too; undefined when there is none. */
  findGrant(id: string): Promise<Grant | undefined>;
  /** Kills a grant with all its tokens, idempotently: the first note stays. Resolves durable; false when there is no such grant. */
  revokeGrant(id: string, note: RevocationNote): Promise<boolean>;
  /** Kills the live grants of a resource owner, those to one client when it is given. Gives how many died. */
  revokeGrantsOf(
    whose: { readonly subject: string; readonly clientId?: string | undefined },
    note: RevocationNote,
  ): Promise<number>;
  /** True the first time for this kind and id until `until`, whichever process asks; false later. Ids may have any length, `until` may have a fraction. Durable when resolved. */
  rememberOnce(kind: OnceKind, id: string, until: number): Promise<boolean>;
  /** Writes a transient record; an older one of that kind and id is replaced. */
  saveTransient(transient: Transient): Promise<void>;
  /** A transient record that has not expired, with its version for {@link replaceTransient}. */
  findTransient(
    kind: TransientKind,
    id: string,
    now: number,
  ): Promise<{ readonly value: string; readonly version: number; readonly expiresAt: number } | undefined>;
  /** Compare and set: replaces the record when it still has that version; false when it changed, ended or is gone. */
  replaceTransient(transient: Transient & { readonly version: number }): Promise<boolean>;
  /** Takes a record away: exactly one of many that ask gets it. Expired ones are not given. */
  takeTransient(kind: TransientKind, id: string, now: number): Promise<string | undefined>;
  /** Writes what a resource owner allowed; replaces what stood there. */
  saveConsent(consent: Consent): Promise<void>;
  findConsent(whose: Pick<Consent, 'subject' | 'clientId' | 'projectId'>): Promise<Consent | undefined>;
  /** Newest first, at most `limit`. */
  listConsents(subject: string, limit: number): Promise<readonly Consent[]>;
  /** Forgets a consent and kills the grants of that subject to that client at that project, in one step. False when there was neither. */
  revokeConsent(whose: Pick<Consent, 'subject' | 'clientId' | 'projectId'>, note: RevocationNote): Promise<boolean>;
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
  /**
   * Calls `told` soon after any process added to the feed. Only a hint: it may be missed, or come for nothing, and
   * {@link TokenStore.changesSince} is the truth (decision 8). Left out where an engine cannot push.
   */
  listen?(told: () => void): AsyncDisposable;
  /** Tokens of a client that have not expired (revoked ones included until they do). May count expiries to the minute. */
  countLive(clientId: string, now: number): number | Promise<number>;
  /** Rows held, by table or what stands for it (access, refresh, codes, grants, transients, once, consents), for status and metrics. May be an estimate. */
  sizes(): Promise<Readonly<Record<string, number>>>;
  /**
   * Copies rows out, dead ones too, as long as they are there: for moving house and backups. Each row that stays from the first page to the last
   * is in one of them; what changes meanwhile is in the feed.
   */
  copyOut(kind: CopiedKind, after: string | undefined, limit: number): Promise<CopiedPage>;
  /**
   * Writes copied rows, idempotently: a row that is there stays, but takes over a death, a use, a newer version or a higher generation; nothing
   * comes back to life. Durable when resolved.
   */
  copyIn(rows: readonly CopiedRow[]): Promise<void>;
  /** What its settings put at risk, one sentence each, e.g. that the last writes may be lost; empty: nothing. */
  warnings(): Promise<readonly string[]>;
  /** Removes up to `limit` rows dead for longer than the retention it was opened with; gives how many. Engines with a TTL give 0. */
  purge(now: number, limit: number): Promise<number>;
}
