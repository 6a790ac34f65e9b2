/**
 * How a client proves itself at the token end point (RFC 7591 §2 `token_endpoint_auth_method`). `client_secret` is ours: header or body, as the
 * policy allows; the others are enforced. `none` is for public clients, and only for them.
 */
export const CLIENT_AUTH_METHODS = [
  'client_secret',
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const;
export type ClientAuthMethod = (typeof CLIENT_AUTH_METHODS)[number];
