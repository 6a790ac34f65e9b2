import { HeaderList } from '#core/headers';
import type { PublicJwk } from '#core/signing-keys';
import type { EndpointType } from './endpoint.ts';

/** Less than a key is published before it signs, by far. */
const MAX_AGE_SECONDS = 600;

/** The public keys that JWT access tokens are checked with (RFC 7517 §5; RFC 8414 §2 `jwks_uri`): next, current and retired ones. */
export const jwksEndpoint: EndpointType = {
  path: '/jwks',
  methods: ['GET', 'HEAD'],
  metadata: ({ issuer }) => ({ jwks_uri: `${issuer}/jwks` }),
  compile({ services: { signingKeys } }) {
    let known: readonly PublicJwk[] | undefined;
    let body = '';
    return () => {
      const keys = signingKeys.published();
      if (keys !== known) body = JSON.stringify({ keys });
      known = keys;
      return {
        status: 200,
        headers: new HeaderList([
          ...['Content-Type', 'application/jwk-set+json'],
          ...['Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`],
          ...['X-Content-Type-Options', 'nosniff'],
        ]),
        body,
      };
    };
  },
};
