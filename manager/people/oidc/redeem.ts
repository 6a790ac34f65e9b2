import { authorizationCodeGrant, type Configuration, fetchUserInfo } from 'openid-client';

/** A sign-in that came back from a provider. */
export interface Returned {
  /** The page of ours to which the provider led back, with the query that it added. */
  readonly url: URL;
  readonly begun: { readonly verifier: string; readonly state: string; readonly nonce: string };
  /** Claims that are wanted: when one is not in the ID token, user info is asked. */
  readonly claims: readonly string[];
}

/**
 * Redeems the code for what the provider says of the person (OpenID Connect Core 1.0 §3.1.3): state, issuer, nonce, audience, times and
 * signature are checked.
 * @throws Error when anything is wrong, or the provider cannot be reached
 */
export async function redeemCode(
  configuration: Configuration,
  { url, begun, claims: wanted }: Returned,
): Promise<Readonly<Record<string, unknown>>> {
  const tokens = await authorizationCodeGrant(configuration, url, {
    pkceCodeVerifier: begun.verifier,
    expectedState: begun.state,
    expectedNonce: begun.nonce,
    idTokenExpected: true,
  });
  const claims: Readonly<Record<string, unknown>> = { ...tokens.claims() };
  const isWhole = wanted.every((name) => claims[name] !== undefined);
  if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
  return { ...(await fetchUserInfo(configuration, tokens.access_token, String(claims.sub))), ...claims };
}
