import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { clientKeys } from './client-key.ts';
import { type ClientSettings, clientFaults } from './client-rules.ts';

const base: ClientSettings = {
  kind: 'server',
  authMethod: 'client_secret',
  jwks: undefined,
  jwksUri: '',
  certificateName: undefined,
};
const faultsOf = (changed: Partial<ClientSettings>) => clientFaults({ ...base, ...changed }).map(({ field }) => field);
const jwks = { keys: [{ kty: 'OKP' as const, crv: 'Ed25519' as const, x: 'AA' }] };

test('public clients prove nothing, and only they', () => {
  assert.deepEqual(faultsOf({ kind: 'public', authMethod: 'none' }), []);
  assert.deepEqual(faultsOf({ kind: 'public' }), ['authMethod']);
  assert.deepEqual(faultsOf({ authMethod: 'none' }), ['authMethod']);
});

test('a method has what it needs', () => {
  assert.deepEqual(faultsOf({}), []);
  assert.deepEqual(faultsOf({ authMethod: 'private_key_jwt' }), ['jwks']);
  assert.deepEqual(faultsOf({ authMethod: 'private_key_jwt', jwksUri: 'https://a.example/jwks' }), []);
  assert.deepEqual(faultsOf({ jwks, jwksUri: 'https://a.example/jwks' }), ['jwksUri']);
  assert.deepEqual(faultsOf({ authMethod: 'self_signed_tls_client_auth', jwks }), ['jwks']);
  assert.deepEqual(faultsOf({ authMethod: 'self_signed_tls_client_auth', jwksUri: 'https://a.example/jwks' }), []);
  assert.deepEqual(faultsOf({ authMethod: 'tls_client_auth' }), ['certificateName']);
});

test('a private key is refused among the public ones, whatever part of it', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  assert.ok(clientKeys.safeParse({ keys: [publicKey.export({ format: 'jwk' })] }).success);
  const whole = privateKey.export({ format: 'jwk' });
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) {
    const key = {
      ...publicKey.export({ format: 'jwk' }),
      [name]: Object.entries(whole).find(([member]) => member === name)?.[1],
    };
    assert.match(clientKeys.safeParse({ keys: [key] }).error?.message ?? '', /private key/, name);
  }
  assert.ok(!clientKeys.safeParse({ keys: [{ kty: 'oct', k: 'AAAA' }] }).success);
  assert.ok(!clientKeys.safeParse({ keys: [{ kty: 'EC', crv: 'P-256', x: 'AA' }] }).success);
  assert.ok(!clientKeys.safeParse({ keys: [{ ...jwks.keys[0], x5u: 'https://evil.example' }] }).success);
  assert.ok(
    !clientKeys.safeParse({
      keys: [
        { ...jwks.keys[0], kid: 'a' },
        { ...jwks.keys[0], kid: 'a' },
      ],
    }).success,
  );
});
