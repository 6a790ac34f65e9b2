import type { Clock } from '#core/clock';
import type { Gauge } from '#core/metrics';
import type { SigningKeys } from '#core/signing-keys';
import { createExpiringMap } from '../expiring-map.ts';
import { isSignedText } from './signature.ts';

/** `typ` of a JWT access token (RFC 9068 §2.1). */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** Longest JWT that is looked at. */
export const MAX_JWT_LENGTH = 8192;

/** True for three base64url parts, whatever is in them. */
export function hasJwtForm(token: string): boolean {
  return token.length <= MAX_JWT_LENGTH && /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(token);
}

/** Says whether JWTs are signed by one of our keys. A good signature is remembered until the token ends, and for as long as its key is there. */
export interface OwnJwtCheck {
  /** What is wrong with the signature or the header; undefined: it is ours. @param hash of the whole token */
  findProblem(token: string, hash: string): 'header' | 'key_unknown' | 'signature' | undefined;
  clear(): void;
}

/** Makes the check. Whether the token still holds is the store's question (decision 7). */
export function createOwnJwtCheck(deps: {
  readonly signingKeys: SigningKeys;
  readonly clock: Clock;
  readonly maxEntries: number;
  readonly gauge: Gauge;
}): OwnJwtCheck {
  const { signingKeys, clock } = deps;
  /** Key ids by token hash. */
  const signed = createExpiringMap<string>(deps);
  return {
    findProblem(token, hash) {
      const remembered = signed.get(hash);
      if (remembered !== undefined && signingKeys.find(remembered) !== undefined) return undefined;
      const [header = '', payload = '', signature = ''] = token.split('.');
      const { typ, alg, kid, ...others } = parsePart(header);
      // What we make has these three members; any other (jku, jwk, crit, …) is somebody else's.
      if (typ !== ACCESS_TOKEN_TYPE || typeof kid !== 'string' || Object.keys(others).length > 0) return 'header';
      const key = signingKeys.find(kid);
      if (key === undefined) return 'key_unknown';
      if (alg !== key.algorithm) return 'header';
      const text = `${header}.${payload}`;
      if (!isSignedText(key.algorithm, key.publicKey, { text, signature: Buffer.from(signature, 'base64url') }))
        return 'signature';
      const { exp } = parsePart(payload);
      const lifeMs = typeof exp === 'number' ? exp * 1000 - clock.now() : 0;
      if (lifeMs > 0) signed.set(hash, kid, lifeMs);
      return undefined;
    },
    clear: () => signed.clear(),
  };
}

/** The members of a part that is a JSON object; none when it is not. */
function parsePart(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
