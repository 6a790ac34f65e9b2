import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateNameFault } from './certificate-name.ts';
import { createClient, patchClient } from './client.ts';

const GOOD = {
  subject_dn: ['CN=shop', 'CN=shop,O=Example\\, Ltd,C=DE', 'cn=shop, o=Example', '2.5.4.3=shop', 'CN=a+OU=b'],
  san_dns: ['shop.example.com', 'localhost', 'xn--bcher-kva.example', '_x.example.com'],
  san_uri: ['spiffe://example.com/shop', 'https://a.example/x', 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
  san_ip: ['192.0.2.1', '2001:db8::1', '::1'],
  san_email: ['shop@example.com'],
} as const;

const BAD = {
  subject_dn: ['shop', 'CN=', 'CN=shop,', ',CN=shop', 'CN=shop,Example', '=shop', 'CN="shop"'],
  san_dns: ['*.example.com', 'shop..example.com', '-shop.example.com', 'https://a.example', 'a b', 'a'.repeat(64)],
  san_uri: ['shop.example.com', '/shop', 'https://', 'https://a b/'],
  san_ip: ['192.0.2', '192.0.2.256', '192.0.2.0/24', '[::1]', 'localhost'],
  san_email: ['shop', 'shop@', '@example.com'],
} as const;

test('a name in a certificate has the form of its kind', () => {
  for (const [field, values] of Object.entries(GOOD))
    for (const value of values)
      assert.equal(certificateNameFault(field as keyof typeof GOOD, value), undefined, `${field} ${value}`);
  for (const [field, values] of Object.entries(BAD))
    for (const value of values)
      assert.match(certificateNameFault(field as keyof typeof BAD, value) ?? '', /:/, `${field} ${value}`);
});

test('a client is not registered, nor changed, by a name that no certificate can bear', () => {
  const certificateName = { field: 'san_ip', value: '192.0.2.0/24' };
  for (const parsed of [
    createClient.safeParse({ displayName: 'Shop', authMethod: 'tls_client_auth', certificateName }),
    patchClient.safeParse({ certificateName }),
  ])
    assert.deepEqual(parsed.error?.issues[0]?.path, ['certificateName', 'value']);
  assert.ok(patchClient.safeParse({ certificateName: null }).success);
});
