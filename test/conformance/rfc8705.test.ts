import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after } from 'node:test';
import { decodeJwt } from 'jose';
import type { FeedClient } from '#core/change-feed';
import {
  type CertificateWish,
  createAuthority,
  createSelfSigned,
  type MadeCertificate,
} from '../support/client-certificate.ts';
import { FORM } from '../support/oauth.ts';
import { CALLBACK, grantCode, VERIFIER } from '../support/oauth-grants.ts';
import { openOAuthOverHttp, type WireAnswer } from '../support/oauth-http.ts';
import { must } from './must.ts';

// Clients that prove themselves by certificates, and tokens that are bound to them. Each is shown in a real handshake.

const ORIGIN = 'https://mtls.example.com';
const authority = await createAuthority();
const system = await openOAuthOverHttp({
  mtls: { isOffered: true, origin: ORIGIN },
  clientAuthority: authority.cert,
});
after(() => system[Symbol.asyncDispose]());
system.clock.advance(Date.now() - system.clock.now());
const self = await createSelfSigned();
const stranger = await createSelfSigned();
const NAME = { field: 'san_dns', value: 'shop.example.com' } as const;
const named = await authority.issue({ alternativeNames: [{ type: 'dns', value: NAME.value }] });
/** The same name, by an authority that is not believed. */
const likeNamed = await (await createAuthority('CN=Other authority')).issue({
  alternativeNames: [{ type: 'dns', value: NAME.value }],
});

type Shown = MadeCertificate;
type Form = Readonly<Record<string, string>>;

const register = (client: Partial<FeedClient>) => system.registry.register({ client });
const registeredFor = ({ jwk }: MadeCertificate): Partial<FeedClient> => ({
  authMethod: 'self_signed_tls_client_auth',
  jwks: JSON.stringify({ keys: [jwk] }),
});

function post(form: Form, certificate?: Shown, settings = {}, path = ''): Promise<WireAnswer> {
  const body = new URLSearchParams(form).toString();
  const place = path === '' ? {} : { path: `/token${path}` };
  return system.token({ ...place, headers: [FORM], body, identity: certificate }, settings);
}

const ask = (client_id: string, certificate?: Shown, settings = {}) =>
  post({ grant_type: 'client_credentials', client_id }, certificate, settings);

function callWith(token: unknown, certificate?: Shown): Promise<WireAnswer> {
  const headers = [['Authorization', `Bearer ${token}`]] as const;
  return system.call({ headers, identity: certificate });
}

const thumbprintOf = ({ certificate }: MadeCertificate) =>
  createHash('sha256').update(certificate.raw).digest('base64url');

function assertRefused(answer: WireAnswer, change: string): void {
  assert.deepEqual([answer.status, answer.json.error], [401, 'invalid_client'], change);
}

must('8705-2-client-id', async () => {
  register(registeredFor(self));
  assertRefused(await post({ grant_type: 'client_credentials' }, self), 'no client_id');
});

must('8705-2-binding', async () => {
  const mine = register(registeredFor(self)).consumerKey;
  const theirs = register(registeredFor(stranger)).consumerKey;
  assert.equal((await ask(mine, self)).status, 200);
  assertRefused(await ask(theirs, self), 'certificate of another client');
  assertRefused(await ask(mine), 'no certificate');
  assertRefused(await ask('gwk_0000000000000000', self), 'unknown client');
  assertRefused(await ask(register({}).consumerKey, self), 'client of another method');
  const withSecret = register(registeredFor(self));
  const secret = { client_id: withSecret.consumerKey, client_secret: withSecret.secret };
  assertRefused(await post({ grant_type: 'client_credentials', ...secret }), 'secret instead');
});

must('8705-2.1-authority', async () => {
  const { consumerKey } = register({ authMethod: 'tls_client_auth', certificateName: NAME });
  const like = (wish: CertificateWish) =>
    authority.issue({ alternativeNames: [{ type: 'dns', value: NAME.value }], ...wish });
  assert.equal((await ask(consumerKey, named)).status, 200);
  assert.equal((await ask(consumerKey, await like({}))).status, 200, 'a new one with the same name');
  assertRefused(await ask(consumerKey, likeNamed), 'of an authority that is not believed');
  const minute = 60_000;
  assertRefused(await ask(consumerKey, await like({ endsAt: Date.now() - minute })), 'expired');
  assertRefused(await ask(consumerKey, await like({ startsAt: Date.now() + 60 * minute })), 'not yet');
  const unnamed = register({ authMethod: 'tls_client_auth' }).consumerKey;
  assertRefused(await ask(unnamed, named), 'a client without a registered name');
});

must('8705-2.1.2-names', async () => {
  const shown = await authority.issue({
    name: 'CN=a.example.com',
    alternativeNames: [
      { type: 'dns', value: 'b.example.com' },
      { type: 'url', value: 'https://c.example.com/' },
      { type: 'ip', value: '192.0.2.1' },
      { type: 'email', value: 'd@example.com' },
    ],
  });
  const names = {
    subject_dn: 'CN=a.example.com',
    san_dns: 'b.example.com',
    san_uri: 'https://c.example.com/',
    san_ip: '192.0.2.1',
    san_email: 'd@example.com',
  } as const;
  for (const [field] of Object.entries(names))
    for (const [of, value] of Object.entries(names)) {
      const certificateName = { field, value } as NonNullable<FeedClient['certificateName']>;
      const { consumerKey } = register({ authMethod: 'tls_client_auth', certificateName });
      const { status } = await ask(consumerKey, shown);
      assert.equal(status, field === of ? 200 : 401, `${field}: ${value}`);
    }
});

must('8705-2.2-self-signed', async () => {
  const { consumerKey } = register({
    authMethod: 'self_signed_tls_client_auth',
    jwks: JSON.stringify({ keys: [stranger.jwk, self.jwk] }),
  });
  for (const one of [self, stranger]) assert.equal((await ask(consumerKey, one)).status, 200);
  assertRefused(await ask(consumerKey, named), 'a certificate of an authority, not registered');
});

must('8705-3-verify', async () => {
  const { consumerKey } = register({ ...registeredFor(self), certificateBound: true });
  for (const accessTokenFormat of ['opaque', 'jwt']) {
    const token = (await ask(consumerKey, self, { accessTokenFormat })).json.access_token;
    assert.equal((await callWith(token, self)).status, 200, accessTokenFormat);
    for (const other of [undefined, stranger, named]) {
      const refused = await callWith(token, other);
      assert.equal(refused.status, 401, accessTokenFormat);
      assert.match(refused.header('www-authenticate') ?? '', /^Bearer .*error="invalid_token"/);
    }
  }
});

must('8705-3-independent', async () => {
  const { consumerKey, secret } = register({ certificateBound: true });
  const form = { grant_type: 'client_credentials', client_id: consumerKey, client_secret: secret };
  assertRefused(await post(form), 'a client whose tokens are bound comes without a certificate');
  const token = (await post(form, stranger)).json.access_token;
  assert.equal((await callWith(token, stranger)).status, 200);
  assert.equal((await callWith(token)).status, 401);
});

must('8705-3.1-thumbprint', async () => {
  const { consumerKey } = register({ ...registeredFor(self), certificateBound: true });
  const { json } = await ask(consumerKey, self, { accessTokenFormat: 'jwt' });
  assert.deepEqual(decodeJwt(String(json.access_token)).cnf, { 'x5t#S256': thumbprintOf(self) });
  assert.match(thumbprintOf(self), /^[\w-]{43}$/);
});

must('8705-3.2-introspection', async () => {
  const bound = register({ ...registeredFor(self), certificateBound: true }).consumerKey;
  const free = register(registeredFor(self)).consumerKey;
  for (const [client_id, cnf] of [
    [bound, { 'x5t#S256': thumbprintOf(self) }],
    [free, undefined],
  ] as const) {
    const token = String((await ask(client_id, self)).json.access_token);
    const { json } = await post({ token, client_id }, self, {}, '/introspect');
    assert.deepEqual([json.active, json.cnf], [true, cnf]);
  }
});

/** The metadata as anybody reads them. */
async function metadataOf(one: typeof system): Promise<Readonly<Record<string, unknown>>> {
  const path = '/.well-known/oauth-authorization-server/token';
  return (await one.token({ method: 'GET', path })).json;
}

must('8705-3.3-metadata', async () => {
  const METHODS = ['tls_client_auth', 'self_signed_tls_client_auth'];
  const methodsOf = (json: Readonly<Record<string, unknown>>) =>
    (json.token_endpoint_auth_methods_supported as string[]).filter((method) => METHODS.includes(method));
  const offered = await metadataOf(system);
  assert.deepEqual([methodsOf(offered), offered.tls_client_certificate_bound_access_tokens], [METHODS, true]);
  await using other = await openOAuthOverHttp();
  const plain = await metadataOf(other);
  assert.deepEqual([methodsOf(plain), plain.tls_client_certificate_bound_access_tokens], [[], undefined]);
});

/** A code, as the client's own, exchanged on a connection with a certificate. */
async function refreshTokenOf(client: ReturnType<typeof register>, certificate: Shown): Promise<string> {
  const { code } = await grantCode(system, client);
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const answer = await post({ ...form, client_id: client.consumerKey }, certificate);
  assert.equal(answer.status, 200, answer.text);
  return String(answer.json.refresh_token);
}

must('8705-4-refresh', async () => {
  const app = register({ kind: 'public', authMethod: 'none', certificateBound: true });
  const refresh_token = await refreshTokenOf(app, self);
  const form = { grant_type: 'refresh_token', client_id: app.consumerKey, refresh_token };
  assertRefused(await post(form), 'no certificate');
  const other = await post(form, stranger);
  assert.deepEqual([other.status, other.json.error], [400, 'invalid_grant']);
  const { status, json } = await post(form, self);
  assert.equal(status, 200, 'the tries of others did not use it up');
  assert.equal((await callWith(json.access_token, self)).status, 200);
  assert.equal((await callWith(json.access_token, stranger)).status, 401);
});

must('8705-5-aliases', async () => {
  const metadata = await metadataOf(system);
  const aliases = metadata.mtls_endpoint_aliases as Readonly<Record<string, string>>;
  assert.ok(aliases.token_endpoint !== undefined && aliases.introspection_endpoint !== undefined);
  assert.ok(!('issuer' in aliases) && !('jwks_uri' in aliases), 'only what a client calls with its certificate');
  for (const [name, url] of Object.entries(aliases)) {
    assert.ok(url.startsWith(`${ORIGIN}/`), name);
    assert.equal(new URL(url).pathname, new URL(String(metadata[name])).pathname, name);
  }
  assert.equal(metadata.issuer, 'https://api.example.com/token', 'the issuer stays the same');
});

must('8705-7.1-refresh', async () => {
  const client = register({ authMethod: 'tls_client_auth', certificateName: NAME, certificateBound: true });
  const refresh_token = await refreshTokenOf(client, named);
  const form = { grant_type: 'refresh_token', client_id: client.consumerKey, refresh_token };
  for (const other of [undefined, stranger, likeNamed]) assertRefused(await post(form, other), 'not the client');
  const renewed = await authority.issue({ alternativeNames: [{ type: 'dns', value: NAME.value }] });
  const { status, json } = await post(form, renewed);
  assert.equal(status, 200, 'its new certificate is as good');
  assert.equal((await callWith(json.access_token, renewed)).status, 200);
  assert.equal((await callWith(json.access_token, named)).status, 401);
});
