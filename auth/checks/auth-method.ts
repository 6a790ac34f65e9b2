import type { FeedClient } from '#core/change-feed';
import { Refusal } from '#core/errors';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import type { PresentedClient } from '../client-auth/method.ts';

/** Where the credentials of a method stand, in words. */
const PLACE_OF = {
  client_secret_basic: 'header',
  client_secret_post: 'body',
  client_secret_jwt: 'client_assertion',
  private_key_jwt: 'client_assertion',
  tls_client_auth: 'certificate',
  self_signed_tls_client_auth: 'certificate',
  none: 'client_id alone',
} as const;

/**
 * A client registered for one authentication method must use it (decision 3); `client_secret` takes whatever the policy reads.
 * @throws Refusal `oauth_invalid_client` method_not_allowed
 */
export function checkAuthMethod(
  client: FeedClient,
  method: AuthenticatedClient['method'],
  presented: PresentedClient,
): void {
  const { authMethod } = client;
  const isSecret = method === 'client_secret_basic' || method === 'client_secret_post';
  if (authMethod === 'client_secret' && isSecret) return;
  const isInQuery = presented.by === 'secret' && presented.place === 'query';
  if (authMethod === method && !isInQuery) return;
  const allowed = authMethod === 'client_secret' ? ['header', 'body'] : PLACE_OF[authMethod];
  throw new Refusal('oauth_invalid_client', {
    cause: 'method_not_allowed',
    client: client.displayName,
    clientName: client.name,
    presentedIn: isInQuery ? 'query' : PLACE_OF[method],
    allowed,
  });
}
