import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { FeedClient } from '#core/change-feed';
import { createAuthority, createSelfSigned, type TestAuthority } from '#test/support/client-certificate';
import { createOAuthSystem } from '#test/support/oauth';
import { bearsName, type CertificateName } from './certificate-name.ts';

let authority: TestAuthority;
before(async () => {
  authority = await createAuthority();
});

/** A system whose clock is that of the certificates, with one client. */
function systemWith(client: Partial<FeedClient>) {
  const system = createOAuthSystem();
  system.clock.advance(Date.now() - system.clock.now());
  const { consumerKey } = system.registry.register({ client });
  const ask = (certificate?: ReturnType<TestAuthority['shown']>, more = '') =>
    system.token({
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
      body: `grant_type=client_credentials&client_id=${consumerKey}${more}`,
      certificate,
    });
  return { system, ask, consumerKey };
}

test('RFC 8705 §2.1.2: every kind of name is found where it stands, and nowhere else', async () => {
  const { certificate } = await authority.issue({
    name: 'C=DE, O=Example\\, Ltd, CN=shop',
    alternativeNames: [
      { type: 'dns', value: 'shop.example.com' },
      { type: 'url', value: 'spiffe://example.com/shop, DNS:evil' },
      { type: 'ip', value: '192.0.2.9' },
      { type: 'email', value: 'shop@example.com' },
    ],
  });
  const bears = (field: CertificateName['field'], value: string) => bearsName(certificate, { field, value });
  for (const subject of ['CN=shop,O=Example\\, Ltd,C=DE', 'cn=shop, o=Example\\, Ltd, c=DE'])
    assert.ok(bears('subject_dn', subject), subject);
  for (const subject of ['CN=shop', 'C=DE,O=Example\\, Ltd,CN=shop', 'CN=SHOP,O=Example\\, Ltd,C=DE'])
    assert.ok(!bears('subject_dn', subject), subject);
  assert.ok(bears('san_dns', 'shop.example.com'));
  assert.ok(bears('san_uri', 'spiffe://example.com/shop, DNS:evil'));
  assert.ok(bears('san_ip', '192.0.2.9'));
  assert.ok(bears('san_email', 'shop@example.com'));
  assert.ok(!bears('san_dns', 'shop') && !bears('san_dns', 'evil') && !bears('san_dns', '*.example.com'));
  assert.ok(!bears('san_uri', 'spiffe://example.com/shop') && !bears('san_uri', 'shop.example.com'));
  assert.ok(!bears('san_ip', '192.0.2.1') && !bears('san_email', 'shop'));
});

test('a subject cannot pretend to be another by what stands inside a value', async () => {
  const value = { field: 'subject_dn', value: 'CN=shop,O=Example' } as const;
  for (const name of ['CN=shop\\,O\\=Example', 'O="Example,CN=shop"', 'O=Example\\0aCN=shop']) {
    const { certificate } = await authority.issue({ name });
    assert.ok(!bearsName(certificate, value), name);
  }
});

test('RFC 8705 §2.1: a client is let in with a certificate of a believed authority that bears its name', async () => {
  const certificateName = { field: 'san_dns', value: 'shop.example.com' } as const;
  const { ask } = systemWith({ authMethod: 'tls_client_auth', certificateName });
  const dns = (value: string) => authority.issue({ alternativeNames: [{ type: 'dns', value }] });
  const right = await dns('shop.example.com');
  assert.equal((await ask(right.shown(true))).status, 200);
  for (const [shown, cause] of [
    [undefined, 'certificate_missing'],
    [right.shown(false), 'certificate_untrusted'],
    [(await dns('other.example.com')).shown(true), 'certificate_other'],
  ] as const) {
    const answer = await ask(shown);
    assert.deepEqual([answer.status, answer.json.error, answer.facts.cause], [401, 'invalid_client', cause]);
  }
});

test('RFC 8705 §2.2: a client is let in with a certificate that it registered, whole and in its time', async () => {
  const right = await createSelfSigned();
  const over = await createSelfSigned({ endsAt: Date.now() - 1000 });
  const jwks = JSON.stringify({ keys: [right.jwk, over.jwk] });
  const { ask } = systemWith({ authMethod: 'self_signed_tls_client_auth', jwks });
  assert.equal((await ask(right.shown())).status, 200);
  assert.equal((await ask((await createSelfSigned()).shown(true))).facts.cause, 'certificate_other');
  assert.equal((await ask(over.shown())).facts.cause, 'certificate_over');
});

test('a certificate alone is no proof for a client of another method, nor a secret for one of this', async () => {
  const shown = (await createSelfSigned()).shown(true);
  assert.equal((await systemWith({}).ask(shown)).status, 401);
  const jwks = JSON.stringify({ keys: [(await createSelfSigned()).jwk] });
  const { ask } = systemWith({ authMethod: 'self_signed_tls_client_auth', jwks });
  assert.equal((await ask(shown, '&client_secret=gws_x')).status, 401);
});

test('RFC 8705 §3: bound tokens carry the thumbprint, Verify asks for it, introspection shows it as cnf', async () => {
  const self = await createSelfSigned();
  const jwks = JSON.stringify({ keys: [self.jwk] });
  const { system, ask, consumerKey } = systemWith({
    authMethod: 'self_signed_tls_client_auth',
    jwks,
    certificateBound: true,
  });
  const token = String((await ask(self.shown())).json.access_token);
  const call = (certificate?: ReturnType<TestAuthority['shown']>) =>
    system.call({
      headers: [['Authorization', `Bearer ${token}`]],
      certificate,
    });
  assert.equal((await call(self.shown())).status, 200);
  for (const other of [undefined, (await createSelfSigned()).shown()]) {
    const refused = await call(other);
    assert.deepEqual([refused.status, refused.code], [401, 'token_certificate']);
    assert.match(refused.header('www-authenticate') ?? '', /error="invalid_token"/);
  }
  const introspection = await system.token({
    path: '/token/introspect',
    targetPath: '/introspect',
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: `token=${token}&client_id=${consumerKey}`,
    certificate: self.shown(),
  });
  assert.deepEqual(introspection.json.cnf, { 'x5t#S256': self.shown().thumbprint });
});
