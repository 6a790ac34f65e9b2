import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import { UnavailableError } from '#core/errors';
import type { OwnerCheck, ResourceOwners } from '#core/resource-owner';
import { createOAuthSystem } from '#test/support/oauth';

const SETTINGS = { grantTypes: ['password', 'refresh_token'] };
const ALICE = { subject: 'own_0000000000000001', username: 'alice', displayName: 'Alice', generation: 3 };

/** A directory in which alice's password is `correct`. */
function directoryOf(check?: () => Promise<OwnerCheck>) {
  const asked: unknown[] = [];
  const owners: Partial<ResourceOwners> = {
    findDirectory: (name) => (name === 'local' ? { name, displayName: 'People', kind: 'local' } : undefined),
    checkPassword: async (request) => {
      asked.push(request);
      if (check !== undefined) return check();
      return request.username === 'alice' && request.password === 'correct'
        ? { state: 'known', owner: ALICE }
        : { state: 'wrong' };
    },
  };
  return { owners, asked };
}

test('RFC 6749 §4.3: name and password of a resource owner give tokens of that owner', async () => {
  const { owners, asked } = directoryOf();
  const system = createOAuthSystem({ owners });
  const { consumerKey, secret, clientId } = system.registry.register();
  const form = { grant_type: 'password', client_id: consumerKey, client_secret: secret };
  const { status, json } = await system.postForm({ ...form, username: 'alice', password: 'correct' }, SETTINGS);
  assert.equal(status, 200);
  assert.equal(typeof json.refresh_token, 'string');
  const found = await system.store.findAccess(sha256Hex(String(json.access_token)), system.clock.now());
  assert.ok(found.state === 'live');
  const { subject, generations, details } = found.token;
  assert.deepEqual([subject, generations.subject, details?.username], [ALICE.subject, 3, 'alice']);
  assert.deepEqual(asked, [
    { directory: 'local', username: 'alice', password: 'correct', address: '192.0.2.1', clientId },
  ]);
});

test('a wrong password, a disabled owner and too many tries are told apart in facts only, and nothing shows the password', async () => {
  const form = { grant_type: 'password', username: 'alice', password: 'hunter2' };
  const outcomes: unknown[] = [];
  for (const check of [
    { state: 'wrong' },
    { state: 'disabled' },
    { state: 'limited', retryAfterMs: 5000 },
  ] satisfies OwnerCheck[]) {
    const system = createOAuthSystem({ owners: directoryOf(async () => check).owners });
    const { consumerKey, secret } = system.registry.register();
    const answer = await system.postForm({ ...form, client_id: consumerKey, client_secret: secret }, SETTINGS);
    assert.doesNotMatch(JSON.stringify([answer.text, answer.facts]), /hunter2/);
    outcomes.push([answer.status, answer.json.error, answer.header('retry-after')]);
  }
  assert.deepEqual(outcomes, [
    [400, 'invalid_grant', undefined],
    [400, 'invalid_grant', undefined],
    [429, 'temporarily_unavailable', '5'],
  ]);
});

test('the client authenticates, whatever seed 000 shows; a public client cannot use the grant', async () => {
  const system = createOAuthSystem({ owners: directoryOf().owners });
  const form = { grant_type: 'password', username: 'alice', password: 'correct' };
  const bare = await system.postForm(form, SETTINGS);
  assert.deepEqual([bare.status, bare.json.error], [401, 'invalid_client']);
  const { consumerKey } = system.registry.register({ client: { kind: 'public', authMethod: 'none' } });
  const open = await system.postForm({ ...form, client_id: consumerKey }, SETTINGS);
  assert.deepEqual([open.status, open.json.error, open.facts.cause], [401, 'invalid_client', 'public_client']);
});

test('off until it is ticked; without a directory, or while it cannot be asked, 503', async () => {
  const form = { grant_type: 'password', username: 'alice', password: 'correct' };
  const down = directoryOf(() => Promise.reject(new UnavailableError('the manager does not answer')));
  const system = createOAuthSystem({ owners: down.owners });
  const { consumerKey, secret } = system.registry.register();
  const all = { ...form, client_id: consumerKey, client_secret: secret };
  assert.equal((await system.postForm(all)).json.error, 'unsupported_grant_type');
  const unreachable = await system.postForm(all, SETTINGS);
  assert.deepEqual([unreachable.status, unreachable.code], [503, 'oauth_directory']);
  const unknown = await system.postForm(all, { ...SETTINGS, directory: 'other' });
  assert.deepEqual([unknown.status, unknown.code], [503, 'oauth_directory']);
  const long = await system.postForm({ ...all, password: 'x'.repeat(1025) }, SETTINGS);
  assert.deepEqual([long.status, long.json.error], [400, 'invalid_request']);
});
