import type { Clock } from '#core/clock';
import { sha256Hex, tokenPrefix } from '#core/credential';
import { Refusal } from '#core/errors';
import type { ForeignToken, SigningIssuer, VerifyForeign } from '#core/token-verifier';
import type { MissBudget } from './checks/miss-budget.ts';
import type { ExpiringMap } from './expiring-map.ts';
import { verifyForeignJwt } from './keys/foreign-jwt.ts';
import { JwtProblem } from './keys/jwt-problem.ts';
import { type KeySets, KeySetUnavailable } from './keys/key-sets.ts';
import { hasJwtForm } from './keys/own-jwt.ts';
import { scopesOf } from './scope-words.ts';

/** A verdict is remembered no longer than this, so that a key that its issuer takes back ends with its set. */
const MOST_REMEMBERED_MS = 300_000;

/** What the checks of foreign tokens share. */
export interface ForeignDependencies {
  readonly keySets: KeySets;
  readonly clock: Clock;
  /** Tokens that do not fit, per address. */
  readonly misses: MissBudget;
  /** Good tokens, each under the check that found it good and its hash. */
  readonly good: ExpiringMap<ForeignToken>;
}

let compiled = 0;

/** Makes the check of one foreign issuer's JWT access tokens: signature, `iss`, `aud`, `typ` and times (RFC 9068 §4, RFC 8725 §3). */
export function compileForeignVerifier(foreign: SigningIssuer, deps: ForeignDependencies): VerifyForeign {
  const { keySets, clock, misses, good } = deps;
  compiled += 1;
  const own = `${compiled} `;
  const key = keySets.at(foreign.jwksUri);
  const { issuer, audience, algorithms, clockSkewMs } = foreign;
  const rules = { issuer, audience, algorithms, inList: true, skewMs: clockSkewMs, types: [foreign.typ.toLowerCase()] };

  const check = async (token: string, hash: string, address: string): Promise<ForeignToken> => {
    const now = clock.now();
    try {
      const payload = await verifyForeignJwt(token, key, { ...rules, now });
      const { sub, exp, iat, client_id: clientId, azp } = payload;
      const verified: ForeignToken = {
        prefix: tokenPrefix(hash),
        issuer,
        subject: sub.slice(0, 255),
        clientId: [clientId, azp].find((one) => typeof one === 'string'),
        scopes: scopesOf(payload),
        issuedAt: (iat ?? now / 1000) * 1000,
        expiresAt: exp * 1000 + clockSkewMs,
      };
      good.set(own + hash, verified, Math.min(verified.expiresAt - now, MOST_REMEMBERED_MS));
      return verified;
    } catch (error) {
      if (error instanceof KeySetUnavailable)
        throw new Refusal('key_set_unavailable', { url: error.url, detail: error.message });
      if (!(error instanceof JwtProblem)) throw error;
      misses.spend(address);
      const facts = { issuer, token: tokenPrefix(hash), cause: error.fault, at: error.at };
      throw new Refusal('token_foreign', { ...facts, detail: error.message });
    }
  };

  return (token, address) => {
    if (!hasJwtForm(token)) throw new Refusal('token_malformed', { length: token.length, expected: 'a JWT' });
    const hash = sha256Hex(token);
    const remembered = good.get(own + hash);
    if (remembered !== undefined && clock.now() < remembered.expiresAt) return remembered;
    misses.check(address);
    return check(token, hash, address);
  };
}
