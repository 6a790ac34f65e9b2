import type { FeedClient } from '#core/change-feed';
import { Refusal } from '#core/errors';
import type { CredentialPlace } from '../token-request.ts';

const PLACE_OF = { client_secret_basic: 'header', client_secret_post: 'body' } as const;

/**
 * A client registered for one authentication method must use it (decision 3); `client_secret` takes whatever the policy reads.
 * @throws Refusal `oauth_invalid_client` method_not_allowed
 */
export function checkAuthMethod(client: FeedClient, presentedIn: CredentialPlace): void {
  if (client.authMethod === 'client_secret' || PLACE_OF[client.authMethod] === presentedIn) return;
  throw new Refusal('oauth_invalid_client', {
    cause: 'method_not_allowed',
    client: client.displayName,
    clientName: client.name,
    presentedIn,
    allowed: PLACE_OF[client.authMethod],
  });
}
