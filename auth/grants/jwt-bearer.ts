import { decodeJwt } from 'jose';
import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { TrustedIssuer } from '#core/token-issuer';
import { refuseGrant } from '../checks/grant-standing.ts';
import { findAudience } from '../checks/requested-resource.ts';
import { requireParameter } from '../checks/required-parameter.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { type IssuedAnswer, issueNewGrant } from '../issue.ts';
import { checkAssertionClaims } from '../keys/assertion-claims.ts';
import { verifyForeignJwt } from '../keys/foreign-jwt.ts';
import { JwtProblem } from '../keys/jwt-problem.ts';
import { KeySetUnavailable } from '../keys/key-sets.ts';
import { MAX_JWT_LENGTH } from '../keys/own-jwt.ts';
import { decideScopes } from '../scopes.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

const TYPES = [undefined, 'jwt', 'authorization-grant+jwt'];
const SKEW_MS = 30_000;
const MAX_SUBJECT_LENGTH = 255;

/**
 * The JWT bearer grant (RFC 7523 §2.1): somebody whom the policy trusts vouches for a resource owner. `aud` is exactly the issuer, `jti` is
 * taken once. There is no refresh token: the assertion is the way to the next access token (RFC 7521 §4.1).
 */
export const JWT_BEARER: GrantHandler = {
  type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  issue: issueForAssertion,
};

async function issueForAssertion(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const assertion = requireParameter(request.request, 'assertion', MAX_JWT_LENGTH);
  const { client } = request.client;
  const { store, registry, clock } = deps.services;
  try {
    const trusted = trustedIssuerOf(assertion, deps.settings.trustedIssuers);
    const now = clock.now();
    const payload = await verifyForeignJwt(assertion, deps.services.keySets.at(trusted.jwksUri), {
      ...{ issuer: trusted.issuer, audience: deps.issuer, algorithms: trusted.algorithms, types: TYPES },
      ...{ now, skewMs: SKEW_MS },
    });
    const { jti, until } = checkAssertionClaims(payload, { now, skewMs: SKEW_MS });
    if (payload.sub.length > MAX_SUBJECT_LENGTH) throw new JwtProblem('claim', 'sub is too long');
    const subject = subjectOf(trusted.issuer, payload.sub);
    const owner = registry.findSubject(subject);
    if (owner?.active === false) throw refuseGrant('owner_disabled', client);
    const granted = await decideScopes(request, deps);
    const audience = findAudience(request.request, undefined);
    // Last, so that what is refused for another reason may be sent again.
    const isFirst = await store.rememberOnce('assertion', sha256Hex(`grant ${trusted.issuer} ${jti}`), until);
    if (!isFirst) throw new JwtProblem('replayed', 'its jti was used before');
    const details = { audience, username: payload.sub };
    const made = { owner: { subject, generation: owner?.generation ?? 0 }, granted, details, withRefresh: false };
    return await issueNewGrant(made, request, deps);
  } catch (error) {
    if (error instanceof KeySetUnavailable)
      throw new Refusal('key_set_unavailable', { url: error.url, detail: error.message });
    if (!(error instanceof JwtProblem)) throw error;
    throw refuseGrant('assertion', client, { fault: error.fault, detail: error.message });
  }
}

/** Who signed it, as it says; only to find the keys by. @throws JwtProblem */
function trustedIssuerOf(assertion: string, trustedIssuers: readonly TrustedIssuer[]): TrustedIssuer {
  let issuer: unknown;
  try {
    issuer = decodeJwt(assertion).iss;
  } catch {
    throw new JwtProblem('malformed', 'it is no JWT');
  }
  const trusted = trustedIssuers.find((one) => one.issuer === issuer);
  if (trusted === undefined) throw new JwtProblem('issuer', 'its issuer is not trusted by the policy');
  return trusted;
}

/** The subject of a foreign issuer: with its name in front, so that it is never one of ours (`own_…`) nor another issuer's. */
function subjectOf(issuer: string, sub: string): string {
  return `${issuer}#${sub}`;
}
