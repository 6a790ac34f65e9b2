import type { FeedClient } from '#core/change-feed';
import type { CallerIdentity } from '#core/message';

/** Names who calls, from what a token or an authenticated client carries. */
export function callerOf(
  ids: { readonly subscriptionId: string; readonly productId: string; readonly secretId: string | undefined },
  client: Pick<FeedClient, 'id' | 'name' | 'displayName'>,
  tokenPrefix: string | undefined,
): CallerIdentity {
  const { subscriptionId, productId, secretId } = ids;
  return {
    clientId: client.id,
    clientName: client.name,
    clientDisplayName: client.displayName,
    subscriptionId,
    productId,
    secretId,
    tokenPrefix,
  };
}
