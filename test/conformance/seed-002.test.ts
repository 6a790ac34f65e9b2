import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { Message } from '#core/message';
import { applyProfile } from '#core/model/oauth-profile';
import { schema } from '#policies/oauth-token-endpoint/schema';
import { basic, createOAuthSystem, FORM, type Settings } from '../support/oauth.ts';

// Seed 002, field by field: the filter *Access Token using Client Credentials*. The test's name is what the seed says; `seed` is the profile.

const SEED = applyProfile(schema.parse({ grantTypes: ['client_credentials'] }), 'seed');
const chain = ({ whiteboard }: Message) => whiteboard.set('scopes.for.token', new Set(['from:policy']));
const system = createOAuthSystem({ chains: { scopes: chain } });
const client = system.registry.register({
  subscription: {
    scopes: [
      { scope: 'photos:read', default: false },
      { scope: 'photos:write', default: false },
    ],
  },
});
const form = { grant_type: 'client_credentials', client_id: client.consumerKey, client_secret: client.secret };

test('"In Authorization Header: This is the default setting."', async () => {
  const { header } = schema.parse({}).clientCredentialsIn;
  assert.equal(header, true);
  const headers = [FORM, basic(client.consumerKey, client.secret)];
  const answer = await system.token({ headers, body: 'grant_type=client_credentials' }, SEED);
  assert.equal(answer.status, 200);
});

test('"In Query String: The Client Id defaults to client_id, and Client Secret defaults to client_secret."', async () => {
  const { query, idParameter, secretParameter } = schema.parse({}).clientCredentialsIn;
  assert.deepEqual([query, idParameter, secretParameter], [false, 'client_id', 'client_secret']);
  const ask = (settings: Settings) => system.token({ query: new URLSearchParams(form).toString() }, settings);
  assert.equal((await ask({ clientCredentialsIn: { query: true } })).status, 200);
  assert.equal((await ask({})).json.error, 'invalid_request', 'off: RFC 6749 §2.3.1');
  const names = { query: true, idParameter: 'key', secretParameter: 'pass' };
  const renamed = `grant_type=client_credentials&key=${client.consumerKey}&pass=${client.secret}`;
  assert.equal((await system.token({ query: renamed }, { clientCredentialsIn: names })).status, 200);
});

test('"Access Token will be stored here": durable before it is answered, by its hash', async () => {
  const { json } = await system.postForm(form, SEED);
  const found = await system.store.findAccess(sha256Hex(String(json.access_token)), system.clock.now());
  assert.equal(found.state, 'live');
});

test('"Access Token Expiry (in secs): … Defaults to 3600 (one hour)."', async () => {
  assert.equal((await system.postForm(form, SEED)).json.expires_in, 3600);
});

test('"Access Token Length: … Defaults to 54."', async () => {
  assert.equal(String((await system.postForm(form, SEED)).json.access_token).length, 54);
  const other = await system.postForm(form, { accessTokenLength: 99 });
  assert.equal(String(other.json.access_token).length, 99);
});

test('"Access Token Type: … Defaults to Bearer."', async () => {
  assert.equal((await system.postForm(form, SEED)).json.token_type, 'Bearer');
  assert.equal((await system.postForm(form, { accessTokenType: 'Other' })).json.token_type, 'Other');
});

test('"Include Refresh Token: … This setting is selected by default."', async () => {
  assert.equal(schema.parse({}).includeRefreshToken, true);
  assert.equal(typeof (await system.postForm(form, SEED)).json.refresh_token, 'string');
  const { json } = await system.postForm(form);
  assert.equal(json.refresh_token, undefined, 'RFC 6749 §4.4.3: for client_credentials it has its own switch');
  const off = await system.postForm(form, { ...SEED, includeRefreshToken: false });
  assert.equal(off.json.refresh_token, undefined);
});

test('"Refresh Token Expiry (in secs): … Defaults to 43200 (twelve hours)."', async () => {
  const at = createOAuthSystem();
  const own = at.registry.register();
  const credentials = { client_id: own.consumerKey, client_secret: own.secret };
  const ask = async () =>
    String((await at.postForm({ grant_type: 'client_credentials', ...credentials }, SEED)).json.refresh_token);
  const renew = (refresh_token: string) =>
    at.postForm({ grant_type: 'refresh_token', refresh_token, ...credentials }, SEED);
  const [early, late] = [await ask(), await ask()];
  at.clock.advance(43_199_999);
  assert.equal((await renew(early)).status, 200);
  at.clock.advance(1);
  assert.equal((await renew(late)).json.error, 'invalid_grant');
});

test('"Refresh Token Length: … Defaults to 46."', async () => {
  assert.equal(String((await system.postForm(form, SEED)).json.refresh_token).length, 46);
  const other = await system.postForm(form, { ...SEED, refreshTokenLength: 64 });
  assert.equal(String(other.json.refresh_token).length, 64);
});

test('"Store additional Access Token parameters: … enter the Name and Value (for example, Department and Engineering)."', async () => {
  const additionalParameters = [{ name: 'Department', value: 'Engineering' }];
  const { json } = await system.postForm(form, { ...SEED, additionalParameters });
  const found = await system.store.findAccess(sha256Hex(String(json.access_token)), system.clock.now());
  assert.deepEqual(found.state === 'live' && found.token.parameters, { Department: 'Engineering' });
});

test('"Get scopes from a registered application: … match Any or All of the scopes registered … Defaults to Any."', async () => {
  const ask = async (scope: string, settings: Settings = SEED) => {
    const { json } = await system.postForm({ ...form, scope }, settings);
    return json.error ?? json.scope ?? scope;
  };
  assert.equal(await ask('photos:read other'), 'photos:read');
  assert.equal(await ask('other'), 'invalid_scope');
  assert.equal(await ask('photos:read other', { ...SEED, scopeMatch: 'all' }), 'invalid_scope');
  assert.equal(await ask('photos:read photos:write', { ...SEED, scopeMatch: 'all' }), 'photos:read photos:write');
});

test('"If no scopes are sent in the request, the token is generated with the scopes registered for the application."', async () => {
  assert.equal((await system.postForm(form, SEED)).json.scope, 'photos:read photos:write');
});

test('"Get scopes by calling policy: … Defaults to scopes.for.token. The configured filter requires the scopes as set of strings on the message whiteboard."', async () => {
  assert.equal(schema.parse({}).scopeAttribute, 'scopes.for.token');
  const { json } = await system.postForm(form, { scopeSource: 'policy', scopeChain: 'scopes' });
  assert.equal(json.scope, 'from:policy');
});

test('"Monitoring: … whether to store usage metrics data"', async () => {
  const on = await system.postForm(form, SEED);
  assert.equal(on.message.caller?.clientId, client.clientId);
  const off = await system.postForm(form, { ...SEED, monitoring: false });
  assert.equal(off.message.caller, undefined);
});
