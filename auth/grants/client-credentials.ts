import type { PolicyContext } from '#core/policy';
import type { TokenEndpointSettings } from '#core/token-issuer';
import type { AccessToken } from '#core/token-store';
import type { AuthenticatedClient } from '../authenticate-client.ts';
import { type GrantedScopes, grantScopes } from '../checks/scope.ts';
import type { TokenRequest } from '../token-request.ts';

/** What a token request is granted: the claims of the token and what the answer says of its scope. */
export interface Grant {
  readonly claims: Omit<AccessToken, 'hash'>;
  readonly scope: GrantedScopes['scope'];
}

/** What a grant needs beside the request. */
export interface GrantContext {
  readonly settings: TokenEndpointSettings;
  readonly context: PolicyContext;
  /** The settings' additional parameters, as they are stored. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The client credentials grant (RFC 6749 §4.4): the client acts for itself; there is no resource owner and no refresh token.
 * @throws Refusal `oauth_scope`
 */
export function grantClientCredentials(
  request: TokenRequest,
  { client, subscription, secret }: AuthenticatedClient,
  { settings, context, parameters, now }: GrantContext,
): Grant {
  const granted = grantScopes(request.form.get('scope'), { client, subscription }, settings.scopeMatch);
  return {
    scope: granted.scope,
    claims: {
      clientId: client.id,
      subscriptionId: subscription.id,
      productId: subscription.productId,
      secretId: secret.id,
      serverGroupId: context.serverGroup.id,
      projectId: context.project.id,
      subject: undefined,
      scopes: granted.scopes,
      issuedAt: now,
      expiresAt: now + settings.accessTokenExpiryMs,
      generations: {
        client: client.generation,
        subscription: subscription.generation,
        secret: secret.generation,
      },
      parameters,
    },
  };
}
