import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { JwtProblem } from './jwt-problem.ts';
import { type FindKey, KeySetUnavailable } from './key-sets.ts';
import { MAX_JWT_LENGTH } from './own-jwt.ts';

/** What a JWT of somebody else must be. */
export interface JwtRules {
  /** Algorithms of the key; the header's is only compared. */
  readonly algorithms: readonly string[];
  /** `typ` that are taken, in lower case and without `application/`; `undefined` among them: it may be left out. */
  readonly types: readonly (string | undefined)[];
  readonly issuer: string;
  /** `aud`: exactly this one text, or, when `inList`, also a list that contains it. */
  readonly audience: string;
  readonly inList?: boolean | undefined;
  readonly now: number;
  readonly skewMs: number;
}

/** Header members that would have us take the sender's word for the key (RFC 8725 §3.10), or that ask for what we do not know. */
const REFUSED_HEADERS = ['jku', 'x5u', 'jwk', 'x5c', 'crit', 'b64', 'zip', 'enc'];
const MAX_KID_LENGTH = 256;

/**
 * Checks a JWT of somebody else: header, signature, issuer, audience and times. `exp` and `sub` are required.
 * @throws JwtProblem; KeySetUnavailable
 */
export async function verifyForeignJwt(
  token: string,
  key: FindKey | Uint8Array,
  rules: JwtRules,
): Promise<JWTPayload & { readonly sub: string; readonly exp: number }> {
  checkHeader(token, rules);
  const options = {
    algorithms: [...rules.algorithms],
    issuer: rules.issuer,
    audience: rules.audience,
    currentDate: new Date(rules.now),
    clockTolerance: rules.skewMs / 1000,
    requiredClaims: ['exp', 'sub'],
  };
  const payload = await verify(token, key, options);
  const { sub, exp, aud } = payload;
  if (typeof sub !== 'string' || sub === '' || exp === undefined) throw new JwtProblem('claim', 'sub must be a text');
  if (rules.inList !== true && aud !== rules.audience)
    throw new JwtProblem('audience', `aud must be the one text "${rules.audience}"`);
  return { ...payload, sub, exp };
}

async function verify(
  token: string,
  key: FindKey | Uint8Array,
  options: Parameters<typeof jwtVerify>[2],
): Promise<JWTPayload> {
  try {
    const verified = key instanceof Uint8Array ? jwtVerify(token, key, options) : jwtVerify(token, key, options);
    return (await verified).payload;
  } catch (error) {
    throw problemOf(error);
  }
}

/** @throws JwtProblem */
function checkHeader(token: string, { algorithms, types }: JwtRules): void {
  if (token.length > MAX_JWT_LENGTH)
    throw new JwtProblem('malformed', `it is longer than ${MAX_JWT_LENGTH} characters`);
  let header: ReturnType<typeof decodeProtectedHeader>;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    throw new JwtProblem('malformed', 'it is no JWT');
  }
  const refused = REFUSED_HEADERS.find((name) => Object.hasOwn(header, name));
  if (refused !== undefined) throw new JwtProblem('header', `its header has ${refused}, which is never followed`);
  if (header.kid !== undefined && (typeof header.kid !== 'string' || header.kid.length > MAX_KID_LENGTH))
    throw new JwtProblem('header', `kid must be a text of at most ${MAX_KID_LENGTH} characters`);
  if (typeof header.alg !== 'string' || !algorithms.includes(header.alg))
    throw new JwtProblem('algorithm', `alg ${shown(header.alg)} is not one of ${algorithms.join(', ')}`);
  const { typ } = header;
  if (typ !== undefined && typeof typ !== 'string') throw new JwtProblem('type', 'typ is no text');
  if (!types.includes(typ?.toLowerCase().replace(/^application\//, '')))
    throw new JwtProblem('type', `typ ${shown(typ)} is not ${types.filter((one) => one !== undefined).join(' or ')}`);
}

/** What is wrong, in our words. What the library does not call a fault of the token goes on as it is. */
function problemOf(error: unknown): unknown {
  if (error instanceof KeySetUnavailable) return error;
  if (error instanceof errors.JWTExpired) {
    const { exp } = error.payload;
    return new JwtProblem('expired', 'it has expired', exp === undefined ? undefined : exp * 1000);
  }
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error);
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new JwtProblem('signature', 'its signature does not fit');
  if (error instanceof errors.JWKSNoMatchingKey) return new JwtProblem('key', 'no key of the set fits kid and alg');
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return new JwtProblem('key', 'it has no kid, and several keys of the set fit');
  if (error instanceof errors.JOSEAlgNotAllowed) return new JwtProblem('algorithm', 'its alg is not allowed');
  // A TypeError: the key is of another kind than the algorithm.
  if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
    return new JwtProblem('malformed', 'it cannot be read as a signed JWT');
  return error;
}

function claimProblem({ claim, reason }: errors.JWTClaimValidationFailed): JwtProblem {
  const what = reason === 'missing' ? 'is missing' : 'is not as it must be';
  if (claim === 'iss') return new JwtProblem('issuer', `iss ${what}`);
  if (claim === 'aud') return new JwtProblem('audience', `aud ${what}`);
  if (claim === 'nbf') return new JwtProblem('not_yet', 'it is not valid yet (nbf)');
  return new JwtProblem('claim', `${claim} ${what}`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 40)}"` : 'left out';
}
