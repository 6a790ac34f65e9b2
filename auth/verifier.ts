import type { ClientRegistry } from '#core/client-registry';
import type { Clock } from '#core/clock';
import { checkTokenTag, sha256Hex, type TokenTagKeys, tokenPrefix } from '#core/credential';
import type { Egress } from '#core/egress';
import { Refusal, UnavailableError } from '#core/errors';
import type { Metrics } from '#core/metrics';
import type { SigningKeys } from '#core/signing-keys';
import type { Standing } from '#core/standing';
import type { FoundToken, StoreChange, TokenStore } from '#core/token-store';
import type { ForeignToken, TokenVerifier, VerificationPurpose, VerifiedToken } from '#core/token-verifier';
import { callerOf } from './caller.ts';
import { createMissBudget } from './checks/miss-budget.ts';
import { checkTokenForm } from './checks/token-form.ts';
import { checkTokenStanding } from './checks/token-standing.ts';
import { refuseDeadToken, refuseExpired } from './checks/token-state.ts';
import { checkTokenSubscription } from './checks/token-subscription.ts';
import { createExpiringMap } from './expiring-map.ts';
import { compileForeignIntrospection } from './foreign-introspection.ts';
import { compileForeignVerifier } from './foreign-verifier.ts';
import type { JwtProblem } from './keys/jwt-problem.ts';
import { createKeySets } from './keys/key-sets.ts';
import { createOwnJwtCheck, hasJwtForm } from './keys/own-jwt.ts';

/** A live token is asked for again after this long, whatever was heard (decision 6). */
const LIVE_MS = 5000;
/** A dead or unknown one, or one whose client is inactive, is remembered no longer than this. */
const DEAD_MS = 1000;

/** What the verifier works with. */
export interface VerifierDependencies {
  readonly store: TokenStore;
  readonly registry: ClientRegistry;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** How long nothing was heard of revocations, in ms, when that is longer than promised. */
  readonly freshness: { staleForMs(): number | undefined };
  readonly limits: {
    /** Live tokens remembered. */
    readonly cacheEntries: number;
    /** Dead and unknown tokens remembered. */
    readonly unknownEntries: number;
    /** Look-ups of made-up tokens a second, per address. */
    readonly missesPerSecond: number;
  };
  /** The keys that tag opaque tokens; undefined until the gateway got them. */
  tagKeys(): TokenTagKeys | undefined;
  /** The keys that sign our JWTs. */
  readonly signingKeys: SigningKeys;
  /** The way out, to the key sets of foreign issuers. */
  readonly egress: Egress;
  /** Name of a server group, for facts. */
  serverGroupName(id: string): string;
}

/** The verifier and the ways in which its memory is emptied. */
export interface TokenVerification extends TokenVerifier {
  /** Forgets what a change of the store's feed bears on; `flush`: everything. */
  forget(change: StoreChange | 'flush'): void;
  forgetToken(hash: string): void;
  forgetAll(): void;
  /** Entries held, for metrics and tests. */
  sizes(): { readonly live: number; readonly dead: number; readonly addresses: number };
}

/** A live token as remembered, with what was decided of its standing and under which number of the registry. */
interface LiveEntry {
  verified: VerifiedToken;
  changes: number;
  readonly inactive: readonly Standing[];
}

/** Makes the verifier of access tokens, opaque ones and JWTs. It is synchronous where the store is, and for every token it has seen within 5 s. */
export function createTokenVerifier(dependencies: VerifierDependencies): TokenVerification {
  const { store, registry, clock, metrics, freshness, limits, tagKeys, serverGroupName, signingKeys, egress } =
    dependencies;
  const cacheGauge = (kind: string) =>
    metrics.gauge('token_cache_entries', 'Tokens remembered by the verifier.', { kind });
  const live = createExpiringMap<LiveEntry>({ maxEntries: limits.cacheEntries, clock, gauge: cacheGauge('live') });
  const dead = createExpiringMap<Exclude<FoundToken, { state: 'live' }>>({
    maxEntries: limits.unknownEntries,
    clock,
    gauge: cacheGauge('dead'),
  });
  const misses = createMissBudget(limits.missesPerSecond, clock);
  const { cacheEntries: maxEntries } = limits;
  const ownJwts = createOwnJwtCheck({ signingKeys, clock, maxEntries, gauge: cacheGauge('signed') });
  const foreign = {
    ...{ clock, misses, egress, keySets: createKeySets({ egress, clock }) },
    good: createExpiringMap<ForeignToken>({ maxEntries, clock, gauge: cacheGauge('foreign') }),
    bad: createExpiringMap<JwtProblem | 'inactive'>({
      maxEntries: limits.unknownEntries,
      clock,
      gauge: cacheGauge('foreign_bad'),
    }),
  };
  let forgotten = 0;
  const lookUps = metrics.counter('token_store_lookups_total', 'Tokens that the verifier asked the store for.');

  function verify(token: string, purpose: VerificationPurpose, address = ''): VerifiedToken | Promise<VerifiedToken> {
    const staleForMs = freshness.staleForMs();
    if (staleForMs !== undefined && purpose.whenStale !== 'serve') {
      throw new Refusal('revocation_state_stale', { sinceMs: Math.round(staleForMs) });
    }
    const decided = decide(token, purpose, address);
    if (staleForMs === undefined) return decided;
    if (decided instanceof Promise) return decided.then((verified) => ({ ...verified, staleForMs }));
    return { ...decided, staleForMs };
  }

  function decide(
    token: string,
    purpose: VerificationPurpose,
    address: string,
  ): VerifiedToken | Promise<VerifiedToken> {
    const isJwt = hasJwtForm(token);
    if (!isJwt) checkTokenForm(token);
    const hash = sha256Hex(token);
    const remembered = purpose.isStrict === true ? undefined : live.get(hash);
    if (remembered !== undefined) return admit(renew(hash, remembered), purpose);
    const known = purpose.isStrict === true ? undefined : dead.get(hash);
    if (known !== undefined) throw refuse(hash, known);

    const isGuess = isJwt ? checkSignature(token, hash, address) : checkTag(token, hash, address);
    const forgottenBefore = forgotten;
    const settle = (found: FoundToken) => {
      if (found.state === 'unknown' && isGuess) misses.spend(address);
      // A change that came while the store was asked may not be in its answer.
      return admit(remember(hash, found, forgotten !== forgottenBefore), purpose);
    };
    const found = ask(hash);
    return found instanceof Promise ? found.then(settle, refuseStore) : settle(found);
  }

  /** True when only the store knows whether the token is a made-up one. @throws Refusal `token_unknown`, `gateway_busy` */
  function checkTag(token: string, hash: string, address: string): boolean {
    const keys = tagKeys();
    const tag = keys === undefined ? 'untagged' : checkTokenTag(token, keys);
    if (tag === 'forged') {
      throw new Refusal('token_unknown', { store: 'none: refused by its tag', token: tokenPrefix(hash) });
    }
    if (tag === 'untagged') misses.check(address);
    return tag === 'untagged';
  }

  /** A signature takes the place of the tag; checking it is what is dear here. @throws Refusal `token_unknown`, `gateway_busy` */
  function checkSignature(token: string, hash: string, address: string): false {
    misses.check(address);
    const cause = ownJwts.findProblem(token, hash);
    if (cause === undefined) return false;
    misses.spend(address);
    throw new Refusal('token_unknown', { store: 'none: refused by its signature', token: tokenPrefix(hash), cause });
  }

  function ask(hash: string): FoundToken | Promise<FoundToken> {
    lookUps.add();
    try {
      return store.findAccess(hash, clock.now());
    } catch (error) {
      return refuseStore(error);
    }
  }

  function refuseStore(error: unknown): never {
    if (!(error instanceof UnavailableError)) throw error;
    const facts = { store: store.kind, detail: error.message };
    throw new Refusal('store_unavailable', facts);
  }

  function refuse(hash: string, found: Exclude<FoundToken, { state: 'live' }>): Refusal {
    return refuseDeadToken(hash, found, { registry, now: clock.now(), storeKind: store.kind });
  }

  /** Remembers what the store said; throws what is wrong with the token wherever it is used. */
  function remember(hash: string, found: FoundToken, isOutdated: boolean): LiveEntry {
    if (found.state !== 'live') {
      if (!isOutdated) dead.set(hash, found, DEAD_MS);
      throw refuse(hash, found);
    }
    const { token, inactive } = found;
    const { changes } = registry;
    const entry = { verified: checkTokenStanding(token, inactive, registry), inactive, changes };
    const lifeMs = Math.min(token.expiresAt - clock.now(), inactive.length > 0 ? DEAD_MS : LIVE_MS);
    if (!isOutdated) live.set(hash, entry, lifeMs);
    return entry;
  }

  /** Decides the standing of a remembered token again when anything in the registry changed since; it is not remembered longer for that. */
  function renew(hash: string, entry: LiveEntry): LiveEntry {
    const { changes } = registry;
    if (entry.changes === changes) return entry;
    try {
      entry.verified = checkTokenStanding(entry.verified.token, entry.inactive, registry);
      entry.changes = changes;
      return entry;
    } catch (error) {
      live.delete(hash);
      throw error;
    }
  }

  /** What depends on when and where the token is used. */
  function admit({ verified, inactive }: LiveEntry, purpose: VerificationPurpose): VerifiedToken {
    const now = clock.now();
    const { token, client, prefix } = verified;
    if (now >= token.expiresAt) throw refuseExpired(token, registry, now);
    if (token.serverGroupId !== purpose.serverGroupId) {
      const issuedIn = serverGroupName(token.serverGroupId);
      const facts = { issuedIn, usedIn: serverGroupName(purpose.serverGroupId) };
      throw new Refusal('token_issuer', facts, { caller: callerOf(token, client, prefix) });
    }
    if (purpose.requireActiveSubscription) checkTokenSubscription(verified, inactive, { purpose, now });
    return verified;
  }

  function forgetToken(hash: string): void {
    forgotten += 1;
    live.delete(hash);
    dead.delete(hash);
  }

  function forgetAll(): void {
    forgotten += 1;
    live.clear();
    dead.clear();
  }

  function forget(change: StoreChange | 'flush'): void {
    if (change === 'flush') forgetAll();
    else if (change.kind === 'token') forgetToken(change.hash);
    else if (change.kind === 'grant') forgetGrant(change.id);
    else forgetStanding(change.standing);
  }

  function forgetGrant(id: string): void {
    forgotten += 1;
    live.deleteWhere(({ verified: { token } }) => token.grantId === id);
  }

  function forgetStanding({ kind, id }: Standing): void {
    forgotten += 1;
    live.deleteWhere(({ verified: { token } }) => {
      const ids = { client: token.clientId, subscription: token.subscriptionId, secret: token.secretId };
      return (kind === 'subject' ? token.subject : ids[kind]) === id;
    });
  }

  return {
    verify,
    compileForeign: (issuer) =>
      issuer.check === 'jwks' ? compileForeignVerifier(issuer, foreign) : compileForeignIntrospection(issuer, foreign),
    forget,
    forgetToken,
    forgetAll,
    sizes: () => ({ live: live.size, dead: dead.size, addresses: misses.size }),
  };
}
