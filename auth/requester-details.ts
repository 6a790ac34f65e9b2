import type { GrantRequest } from './grants/grant.ts';
import type { IssuerDependencies } from './issuer.ts';

/** Leaves on the whiteboard who asks, for policies and selectors: client and product. */
export function leaveRequesterDetails(
  { client: authenticated, message: { whiteboard } }: GrantRequest,
  { registry }: Pick<IssuerDependencies, 'registry'>,
): void {
  const { client, subscription, consumerKey } = authenticated;
  whiteboard.set('oauth.client.details', {
    ...{ clientId: client.id, name: client.name, displayName: client.displayName },
    ...{ consumerKey, subscriptionId: subscription.id },
  });
  const product = registry.findProduct(subscription.productId);
  if (product !== undefined) whiteboard.set('api.product.name', product.name);
}
