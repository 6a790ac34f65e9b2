import type { TokenDetails } from '#core/token-store';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { ActiveToken } from './find-active.ts';

/** What introspection says of an active token (RFC 7662 §2.2). Additional parameters (seed 002) stand beside, never in place of a member of the RFC. */
export function describeToken(active: ActiveToken, { settings, issuer }: EndpointDeps): Record<string, unknown> {
  const { token, consumerKey } = active;
  const source = active.kind === 'access_token' ? active.token : active.grant;
  const { subject, scopes, parameters, details = {} } = source;
  return {
    ...parameters,
    active: true,
    scope: scopes.join(' '),
    client_id: consumerKey,
    ...(active.kind === 'access_token' && { token_type: settings.accessTokenType }),
    exp: Math.floor(token.expiresAt / 1000),
    iat: Math.floor(token.issuedAt / 1000),
    sub: subject ?? consumerKey,
    iss: issuer,
    ...membersOf(details),
  };
}

function membersOf({ audience, certificate, actors, username, authenticatedAt, jti }: TokenDetails) {
  return {
    ...(audience !== undefined && audience.length > 0 && { aud: audience.length === 1 ? audience[0] : audience }),
    ...(username !== undefined && { username }),
    ...(authenticatedAt !== undefined && { auth_time: Math.floor(authenticatedAt / 1000) }),
    ...(jti !== undefined && { jti }),
    // RFC 8705 §3.2
    ...(certificate !== undefined && { cnf: { 'x5t#S256': certificate } }),
    ...(actors !== undefined && actors.length > 0 && { act: actorOf(actors) }),
  };
}

/** RFC 8693 §4.1: who acts now, and inside whoever acted before. */
function actorOf([present, ...before]: readonly string[]): Record<string, unknown> {
  return { sub: present, ...(before.length > 0 && { act: actorOf(before) }) };
}
