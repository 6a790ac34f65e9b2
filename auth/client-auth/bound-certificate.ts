import type { FeedClient } from '#core/change-feed';
import { Refusal } from '#core/errors';
import type { ClientCertificate } from '#core/message';

/**
 * The certificate to which the tokens of a client are bound (RFC 8705 §3), however it proved itself; undefined when they are not.
 * @throws Refusal `oauth_invalid_client` certificate_missing
 */
export function findBoundCertificate(
  client: FeedClient,
  shown: ClientCertificate | undefined,
): ClientCertificate['thumbprint'] | undefined {
  if (client.certificateBound !== true) return undefined;
  if (shown !== undefined) return shown.thumbprint;
  const facts = { client: client.displayName, clientName: client.name };
  throw new Refusal('oauth_invalid_client', { cause: 'certificate_missing', ...facts });
}
