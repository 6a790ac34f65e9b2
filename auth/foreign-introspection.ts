import type { Clock } from '#core/clock';
import { sha256Hex, tokenPrefix } from '#core/credential';
import { type Egress, EgressError } from '#core/egress';
import { Refusal } from '#core/errors';
import type { ForeignToken, IntrospectedIssuer, VerifyForeign } from '#core/token-verifier';
import type { MissBudget } from './checks/miss-budget.ts';
import type { ExpiringMap } from './expiring-map.ts';
import { JwtProblem } from './keys/jwt-problem.ts';
import { scopesOf } from './scope-words.ts';

/** A verdict is remembered no longer than this: what the issuer revokes ends as fast as what we do (decision 7). */
const REMEMBERED_MS = 5_000;
const TIMEOUT_MS = 5_000;
const LIMIT_BYTES = 65_536;
/** Questions of one policy under way at once; more are told to come back. */
const AT_ONCE = 100;
const MAX_TOKEN_LENGTH = 16_384;
/** RFC 6750 §2.1 `b64token`. */
const TOKEN_FORM = /^[A-Za-z0-9._~+/-]+=*$/;

/** What the checks by introspection share. */
export interface IntrospectionDependencies {
  readonly egress: Egress;
  readonly clock: Clock;
  /** Tokens that are not active, per address. */
  readonly misses: MissBudget;
  /** Active tokens, each under the check that found it so and its hash. */
  readonly good: ExpiringMap<ForeignToken>;
  /** Those that are not, by the same keys: why. */
  readonly bad: ExpiringMap<JwtProblem | 'inactive'>;
}

let compiled = 0;

/** Makes the check of one foreign issuer's tokens, of any form, by asking its introspection end point (RFC 7662 §2). */
export function compileForeignIntrospection(
  foreign: IntrospectedIssuer,
  deps: IntrospectionDependencies,
): VerifyForeign {
  const { clock, misses, good, bad } = deps;
  compiled += 1;
  const own = `introspection ${compiled} `;
  const { issuer } = foreign;
  const underWay = new Map<string, Promise<ForeignToken>>();

  const refuse = (verdict: JwtProblem | 'inactive', prefix: string): Refusal => {
    if (verdict === 'inactive') return new Refusal('token_inactive', { issuer, token: prefix });
    const facts = { issuer, token: prefix, cause: verdict.fault, at: verdict.at, detail: verdict.message };
    return new Refusal('token_foreign', facts);
  };
  const check = async (token: string, hash: string, address: string): Promise<ForeignToken> => {
    const prefix = tokenPrefix(hash);
    const verdict = judge(await introspect(token, foreign, deps.egress), prefix);
    if (verdict !== 'inactive' && !(verdict instanceof JwtProblem)) {
      good.set(own + hash, verdict, REMEMBERED_MS);
      return verdict;
    }
    misses.spend(address);
    bad.set(own + hash, verdict, REMEMBERED_MS);
    throw refuse(verdict, prefix);
  };
  const judge = (answer: Answer, prefix: string): ForeignToken | JwtProblem | 'inactive' => {
    if (answer.active !== true) return 'inactive';
    try {
      return readActive(answer, foreign, { prefix, now: clock.now() });
    } catch (error) {
      if (error instanceof JwtProblem) return error;
      throw error;
    }
  };

  return (token, address) => {
    const { length } = token;
    if (length > MAX_TOKEN_LENGTH || !TOKEN_FORM.test(token)) throw new Refusal('token_malformed', { length });
    const hash = sha256Hex(token);
    const remembered = good.get(own + hash);
    if (remembered !== undefined && clock.now() < remembered.expiresAt) return remembered;
    const verdict = bad.get(own + hash);
    if (verdict !== undefined) throw refuse(verdict, tokenPrefix(hash));
    const asked = underWay.get(hash);
    if (asked !== undefined) return asked;
    misses.check(address);
    if (underWay.size >= AT_ONCE) throw new Refusal('gateway_busy', { what: 'introspections', limit: AT_ONCE });
    const answer = check(token, hash, address).finally(() => underWay.delete(hash));
    underWay.set(hash, answer);
    return answer;
  };
}

type Answer = Readonly<Record<string, unknown>>;

/** Asks with HTTP Basic (RFC 6749 §2.3.1). @throws Refusal `introspection_unavailable` */
async function introspect(
  token: string,
  { url, clientId, clientSecret }: IntrospectedIssuer,
  egress: Egress,
): Promise<Answer> {
  const unavailable = (detail: string) => new Refusal('introspection_unavailable', { url, detail });
  const credentials = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  try {
    const { status, body } = await egress.fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        Authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
      limitBytes: LIMIT_BYTES,
      timeoutMs: TIMEOUT_MS,
      purpose: 'introspection',
    });
    if (status === 401 || status === 403)
      throw unavailable(`it answered ${status}: it does not take the credentials of this policy`);
    if (status !== 200) throw unavailable(`it answered ${status}`);
    const answer = parsed(body);
    if (typeof answer?.active !== 'boolean') throw unavailable('its answer is no introspection (RFC 7662 §2.2)');
    return answer;
  } catch (error) {
    if (error instanceof EgressError) throw unavailable(error.message);
    throw error;
  }
}

function parsed(body: Buffer): Answer | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/**
 * What an active token is good for. The members that the answer has must fit the policy: `iss`, `aud`, `exp`, `nbf`.
 * @throws JwtProblem
 */
function readActive(
  answer: Answer,
  { issuer, audience, clockSkewMs }: IntrospectedIssuer,
  { prefix, now }: { readonly prefix: string; readonly now: number },
): ForeignToken {
  const { iss, aud, exp, nbf, iat, sub, username, client_id: client, cnf } = answer;
  if (iss !== undefined && iss !== issuer) throw new JwtProblem('issuer', 'its iss is another issuer');
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (audience !== '' && !audiences.includes(audience))
    throw new JwtProblem('audience', `it is not for the audience ${audience}`);
  const end = secondsOf(exp, 'exp');
  const expiresAt = end === undefined ? Number.MAX_SAFE_INTEGER : end * 1000 + clockSkewMs;
  if (now >= expiresAt) throw new JwtProblem('expired', 'it has expired', (end ?? 0) * 1000);
  if (now + clockSkewMs < (secondsOf(nbf, 'nbf') ?? 0) * 1000) throw new JwtProblem('not_yet', 'it is not valid yet');
  // whoever holds such a token proves nothing by it alone (RFC 8705 §3, RFC 9449 §6)
  if (cnf !== undefined)
    throw new JwtProblem('claim', 'it is bound to a key or certificate, which is not checked here');
  const [subject] = [sub, username, client].filter((one) => typeof one === 'string' && one !== '');
  if (typeof subject !== 'string') throw new JwtProblem('claim', 'the answer names neither sub nor client_id');
  return {
    prefix,
    issuer,
    subject: subject.slice(0, 255),
    clientId: typeof client === 'string' ? client : undefined,
    scopes: scopesOf(answer),
    issuedAt: (secondsOf(iat, 'iat') ?? now / 1000) * 1000,
    expiresAt,
  };
}

function secondsOf(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new JwtProblem('claim', `${name} is no number`);
}
