import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { FeedClient } from '#core/change-feed';
import { createAuthority, createSelfSigned, type TestAuthority } from '#test/support/client-certificate';
import { createOAuthSystem, type OAuthOptions } from '#test/support/oauth';
import { bearsName, type CertificateName } from './certificate-name.ts';

let authority: TestAuthority;
before(async () => {
  authority = await createAuthority();
});

/** A system whose clock is that of the certificates, with one client. */
function systemWith(client: Partial<FeedClient>, answerEgress?: OAuthOptions['answerEgress']) {
  const system = createOAuthSystem(answerEgress && { answerEgress });
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

test('RFC 8705 §2.2: the certificate may stand behind the jwks_uri of the client, which changes it there', async () => {
  const [first, second, foreign] = [await createSelfSigned(), await createSelfSigned(), await createSelfSigned()];
  const odd: unknown[] = [{ kty: 'EC', x5c: 'text' }, { kty: 'EC', x5c: [7] }, { kty: 'EC', x5c: [] }, 'text', null];
  const state = { keys: [...odd, first.jwk] as unknown[], calls: 0, isDown: false };
  const url = 'https://probe.example.com/jwks.json';
  const answerEgress = (asked: string) => {
    assert.equal(asked, url);
    state.calls += 1;
    return state.isDown ? { status: 500, body: '' } : { status: 200, body: JSON.stringify({ keys: state.keys }) };
  };
  const { system, ask } = systemWith({ authMethod: 'self_signed_tls_client_auth', jwksUri: url }, answerEgress);
  const cause = async (one: typeof first) => (await ask(one.shown(true))).facts.cause;
  assert.equal((await ask(first.shown())).status, 200);
  for (let i = 0; i < 5; i += 1) assert.equal(await cause(foreign), 'certificate_other');
  assert.equal(state.calls, 1, 'made-up certificates bring no fetch before the interval is over');

  state.keys = [second.jwk];
  system.clock.advance(30_000);
  assert.equal((await ask(second.shown())).status, 200, 'one that is not known brings a fetch');
  assert.equal(await cause(first), 'certificate_other', 'one that was taken away counts no more');
  assert.equal(await cause(foreign), 'certificate_other');
  assert.equal(state.calls, 2);

  state.isDown = true;
  system.clock.advance(600_000);
  assert.equal((await ask(second.shown())).status, 200, 'what was fetched goes on for a while');
  system.clock.advance(3_600_000);
  const away = await ask(second.shown());
  assert.deepEqual([away.status, away.code], [503, 'key_set_unavailable']);
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
