/** Secure API with, as it is chosen. */
export type Security = {
  readonly secureWith: 'none' | 'oauth';
  readonly tokenIn: TokenPlace;
  readonly scopes: string[];
};

/** Where the access token is looked for; `either`: header, then query. */
export type TokenPlace = 'header' | 'query' | 'either';

/** No security, and what is taken first when there is some. */
export const OPEN: Security = { secureWith: 'none', tokenIn: 'header', scopes: [] };

/** One scope token (RFC 6749 §3.3). */
const SCOPE = /^[\x21\x23-\x5B\x5D-\x7E]{1,128}$/;

/** Null, or what is wrong with the scopes. */
export function checkScopes(scopes: readonly string[]): string | null {
  const wrong = scopes.find((scope) => !SCOPE.test(scope));
  return wrong === undefined ? null : `${wrong}: printable characters without space, " and \\.`;
}

/** The fields of a create that say the same. */
export function securityBody({ secureWith, tokenIn, scopes }: Security, takesScopes = true) {
  if (secureWith === 'none') return { secureWith };
  return {
    secureWith,
    tokenIn: tokenIn === 'either' ? ['header', 'query'] : [tokenIn],
    ...(takesScopes && { scopes }),
  };
}
