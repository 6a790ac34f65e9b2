import type { ClientAuthMethod } from '#core/model/client-auth-method';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { authenticateByAssertion } from './assertion.ts';
import { authenticateByCertificate } from './certificate.ts';
import type { AuthenticateBy, PresentedClient } from './method.ts';
import { authenticateByName } from './none.ts';
import { authenticateBySecret } from './secret.ts';

/** How what a request presents is checked. */
type Ways = Readonly<Record<PresentedClient['by'], AuthenticateBy>>;

const SECRET: Ways = { secret: authenticateBySecret, assertion: authenticateByAssertion, name: authenticateBySecret };
const CERTIFICATE: Ways = { ...SECRET, name: authenticateByCertificate };

/**
 * The ways of authentication by the method for which a client is registered (decision 3). A secret is always checked first, so that who
 * does not know it learns nothing of the method; a client that there is not is treated as one with a secret.
 */
export const CLIENT_AUTHENTICATION: Readonly<Record<ClientAuthMethod, Ways>> = {
  client_secret: SECRET,
  client_secret_basic: SECRET,
  client_secret_post: SECRET,
  client_secret_jwt: SECRET,
  private_key_jwt: SECRET,
  tls_client_auth: CERTIFICATE,
  self_signed_tls_client_auth: CERTIFICATE,
  none: { ...SECRET, name: authenticateByName },
};

/** The methods that metadata name (RFC 8414 §2 `token_endpoint_auth_methods_supported`). */
export function supportedMethods({ settings }: EndpointDeps): readonly AuthenticatedClient['method'][] {
  const { header, body } = settings.clientCredentialsIn;
  return [
    ...(header ? ['client_secret_basic' as const] : []),
    ...(body ? ['client_secret_post' as const] : []),
    'client_secret_jwt',
    'private_key_jwt',
    'none',
  ];
}
