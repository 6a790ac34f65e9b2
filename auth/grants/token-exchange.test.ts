import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { Registered } from '#test/support/client-registry';
import { createOAuthSystem, type OAuthSystem, type Settings } from '#test/support/oauth';
import { CALLBACK, grantCode, VERIFIER } from '#test/support/oauth-grants';

const TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const SETTINGS: Settings = { grantTypes: [TYPE, 'client_credentials', 'authorization_code'] };

function exchange(system: OAuthSystem, { consumerKey, secret }: Registered, subject: string, more: object = {}) {
  const form = { grant_type: TYPE, client_id: consumerKey, client_secret: secret, subject_token: subject };
  return system.postForm({ ...form, subject_token_type: ACCESS_TOKEN, ...more }, SETTINGS);
}

/** Another client that is subscribed to the product of the first one. */
const registerService = (system: OAuthSystem) => system.registry.register({ subscription: { productId: 'prd_1' } });

/** A token of a resource owner, got by a client with a code. */
async function ownersToken(system: OAuthSystem, client: Registered, grant: object = {}): Promise<string> {
  const { code } = await grantCode(system, client, { grant });
  const credentials = { client_id: client.consumerKey, client_secret: client.secret };
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
  const { json } = await system.postForm({ ...form, ...credentials }, SETTINGS);
  return String(json.access_token);
}

async function stored({ store, clock }: OAuthSystem, token: unknown) {
  const found = await store.findAccess(sha256Hex(String(token)), clock.now());
  assert.ok(found.state === 'live');
  return found.token;
}

test('RFC 8693 §2.1: a service of the product goes on for the same subject, with fewer scopes, in the same grant', async () => {
  const system = createOAuthSystem();
  const [app, service] = [system.registry.register(), registerService(system)];
  const subject = await ownersToken(system, app);
  system.clock.advance(60_000);
  const { status, json } = await exchange(system, service, subject, { scope: 'orders:read' });
  assert.equal(status, 200);
  assert.deepEqual([json.issued_token_type, json.token_type, json.refresh_token], [ACCESS_TOKEN, 'Bearer', undefined]);
  const [before, after] = [await stored(system, subject), await stored(system, json.access_token)];
  assert.deepEqual([after.subject, after.grantId, after.scopes], [before.subject, before.grantId, ['orders:read']]);
  assert.equal(after.clientId, service.clientId);
  assert.deepEqual(after.details?.actors, [service.consumerKey], '§4.1: who acts');
  assert.equal(after.expiresAt, before.expiresAt, 'it does not outlive the one it came from');
});

test('an exchanged token dies with the grant', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const { json } = await exchange(system, client, await ownersToken(system, client));
  const { grantId } = await stored(system, json.access_token);
  await system.store.revokeGrant(grantId ?? '', { by: 'alice', at: system.clock.now(), reason: undefined });
  assert.equal((await system.callWith(String(json.access_token))).code, 'token_revoked');
});

test('nothing is gained: no further scope, no other audience, no token of others, no dead one', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const subject = await ownersToken(system, client, { scopes: ['orders:read'] });
  assert.equal((await exchange(system, client, subject, { scope: 'orders:write' })).code, 'oauth_scope');
  assert.equal((await exchange(system, client, subject, { audience: 'nowhere' })).code, 'oauth_target');
  assert.equal((await exchange(system, client, 'a'.repeat(54))).code, 'oauth_exchange');
  const stranger = system.registry.register();
  assert.equal((await exchange(system, stranger, subject)).code, 'oauth_exchange');
  const named = await ownersToken(system, client, { details: { audience: [stranger.consumerKey] } });
  assert.equal((await exchange(system, stranger, named)).status, 200, 'it was meant for it');
  const narrow = await ownersToken(system, client, { details: { audience: ['https://a.example/'] } });
  assert.equal((await exchange(system, client, narrow, { resource: 'https://b.example/' })).code, 'resource_invalid');
  await system.store.revokeAccess(sha256Hex(subject), { by: 'alice', at: system.clock.now(), reason: undefined });
  assert.equal((await exchange(system, client, subject)).code, 'oauth_exchange');
});

test('only access tokens are exchanged, and an actor is who asks', async () => {
  const system = createOAuthSystem();
  const client = system.registry.register();
  const subject = await ownersToken(system, client);
  for (const parameter of ['subject_token_type', 'requested_token_type']) {
    const other = { [parameter]: 'urn:ietf:params:oauth:token-type:refresh_token' };
    assert.equal((await exchange(system, client, subject, other)).json.error, 'invalid_request', parameter);
  }
  const actor = { actor_token: subject, actor_token_type: ACCESS_TOKEN };
  assert.equal((await exchange(system, client, subject, actor)).code, 'oauth_exchange', "an owner's token is no actor");
  assert.equal(
    (await exchange(system, client, subject, { actor_token_type: ACCESS_TOKEN })).json.error,
    'invalid_request',
  );
});

test('a chain of services ends', async () => {
  const system = createOAuthSystem();
  let token = await ownersToken(system, system.registry.register());
  const outcomes: number[] = [];
  for (let hop = 0; hop < 6; hop += 1) {
    const { status, json } = await exchange(system, registerService(system), token);
    outcomes.push(status);
    token = String(json.access_token ?? token);
  }
  assert.deepEqual(outcomes, [200, 200, 200, 200, 200, 400]);
});
