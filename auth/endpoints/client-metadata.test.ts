import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeClients } from './client-metadata.ts';
import type { EndpointDeps } from './endpoint.ts';

const members = {
  token_endpoint: 'https://api.example.com/token',
  introspection_endpoint: 'https://api.example.com/token/introspect',
  jwks_uri: 'https://api.example.com/token/jwks',
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
  token_endpoint_auth_signing_alg_values_supported: ['ES256'],
};

const describe = (mtls: EndpointDeps['services']['mtls']) =>
  describeClients(members, {
    services: { mtls },
    context: { serverGroup: { publicUrl: 'https://api.example.com' } },
  } as EndpointDeps);

test('RFC 8414 §2: introspection and revocation say how clients prove themselves; public ones never introspect', () => {
  assert.deepEqual(describe(undefined), {
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
    introspection_endpoint_auth_signing_alg_values_supported: ['ES256'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: ['ES256'],
  });
});

test('RFC 8705 §3.3, §5: certificates are named where they are asked for, with the end points at their own origin', () => {
  const offered = describe({ isOffered: true, origin: '' });
  assert.equal(offered.tls_client_certificate_bound_access_tokens, true);
  assert.equal(offered.mtls_endpoint_aliases, undefined);
  const methods = ['client_secret_basic', 'none', 'tls_client_auth', 'self_signed_tls_client_auth'];
  assert.deepEqual(offered.token_endpoint_auth_methods_supported, methods);
  assert.deepEqual(describe({ isOffered: true, origin: 'https://mtls.example.com' }).mtls_endpoint_aliases, {
    token_endpoint: 'https://mtls.example.com/token',
    introspection_endpoint: 'https://mtls.example.com/token/introspect',
  });
});
