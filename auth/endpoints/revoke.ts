import { tokenPrefix } from '#core/credential';
import { HeaderList } from '#core/headers';
import type { HttpResponse, Message } from '#core/message';
import type { RevocationNote } from '#core/token-store';
import { authenticateClient } from '../authenticate-client.ts';
import { type PresentedToken, readPresentedToken } from '../introspection/presented-token.ts';
import { readTokenRequest } from '../token-request.ts';
import type { EndpointDeps, EndpointType } from './endpoint.ts';

/**
 * Revocation (RFC 7009). The client proves itself as at the token end point; a public one names itself (§2.1). Its own access token is
 * revoked, its own refresh token with its whole grant. An unknown token, and one of another client, are answered alike: 200 (§2.2), and the
 * other client's token is left alone.
 */
export const revokeEndpoint: EndpointType = {
  path: '/revoke',
  methods: ['POST'],
  metadata: ({ issuer }) => ({ revocation_endpoint: `${issuer}/revoke` }),
  compile: (deps) => (message) => revoke(message, deps),
};

type Outcome = 'revoked' | 'other_client' | 'unknown';

async function revoke(message: Message, deps: EndpointDeps): Promise<HttpResponse> {
  const request = await readTokenRequest(message);
  const { client, subscription } = await authenticateClient({ ...request, message }, deps);
  const presented = readPresentedToken(request.form, 'token');
  const note = { by: client.name, at: deps.services.clock.now(), reason: 'revoked by its client' };
  const order = presented.hint === 'refresh_token' ? [revokeRefresh, revokeAccess] : [revokeAccess, revokeRefresh];
  let outcome: Outcome = 'unknown';
  for (const attempt of order) {
    if (outcome === 'unknown') outcome = await attempt(presented, { subscriptionId: subscription.id, note, deps });
  }
  message.note({ token: tokenPrefix(presented.hash), outcome });
  return {
    status: 200,
    headers: new HeaderList(['Cache-Control', 'no-store', 'Content-Length', '0']),
    body: undefined,
  };
}

interface Revocation {
  readonly subscriptionId: string;
  readonly note: RevocationNote;
  readonly deps: EndpointDeps;
}

async function revokeAccess({ hash }: PresentedToken, { subscriptionId, note, deps }: Revocation): Promise<Outcome> {
  const { store } = deps.services;
  const found = await store.findAccess(hash, note.at);
  if (found.state === 'unknown') return 'unknown';
  if (found.token.subscriptionId !== subscriptionId) return 'other_client';
  await store.revokeAccess(hash, note);
  return 'revoked';
}

/** Also one that was rotated away: whoever still has it, its grant is to end. */
async function revokeRefresh({ hash }: PresentedToken, { subscriptionId, note, deps }: Revocation): Promise<Outcome> {
  const { store } = deps.services;
  const found = await store.findRefresh(hash, note.at);
  if (found.state === 'unknown') return 'unknown';
  if (found.grant.subscriptionId !== subscriptionId) return 'other_client';
  await store.revokeGrant(found.grant.id, note);
  return 'revoked';
}
