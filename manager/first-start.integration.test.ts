import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ConfigurationError } from '#core/errors';
import { systemRandom } from '#core/random';
import { SecretBox } from '#core/secret-box';
import { managerDatabase } from '#test/support/manager-database';
import { BOOTSTRAP_TOKEN, makeDataDir, startTestManager } from '#test/support/running-manager';
import { openDatabase } from './database.ts';
import { tokenKeyContext } from './token-tag-keys.ts';

const noBootstrap = { bootstrapToken: undefined };
const tokenOf = (link: string | undefined): string => link?.split('/').at(-1) ?? '';

test('a first start makes the server group Local and, without a bootstrap token, opens the setup', async (t) => {
  const manager = await startTestManager(t, { options: noBootstrap });
  const link = new URL(manager.setupLink ?? '');
  assert.equal(link.origin, manager.address);
  assert.deepEqual((await manager.call('GET /setup', { key: '' })).body, { open: true });
  const { status, body } = await manager.call('POST /setup', { key: '', body: { token: tokenOf(manager.setupLink) } });
  assert.equal(status, 201);
  assert.match(body.key, /^gwm_[0-9A-Za-z]{49}$/);
  const groups = await manager.call('GET /server-groups', { key: body.key });
  assert.deepEqual(
    groups.body.items.map((one: { name: string }) => one.name),
    ['local'],
  );
  const again = await manager.call('POST /setup', { key: '', body: { token: tokenOf(manager.setupLink) } });
  assert.deepEqual([again.status, again.body.code], [409, 'setup_closed']);
});

test('the setup link works once, for a day, with its own token only', async (t) => {
  const manager = await startTestManager(t, { options: noBootstrap });
  const redeem = (token: string) => manager.call('POST /setup', { key: '', body: { token } });
  assert.equal((await redeem('x'.repeat(43))).body.code, 'setup_token_wrong');
  const token = tokenOf(manager.setupLink);
  const both = await Promise.all([redeem(token), redeem(token)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
  const other = await startTestManager(t, { options: noBootstrap });
  other.clock.advance(24 * 60 * 60 * 1000);
  assert.equal((await other.call('POST /setup', { key: '', body: { token: tokenOf(other.setupLink) } })).status, 409);
});

test('guessing the setup token is slowed down', async (t) => {
  const manager = await startTestManager(t, { options: noBootstrap });
  const guess = () => manager.call('POST /setup', { key: '', body: { token: 'guess' } });
  for (let i = 0; i < 10; i += 1) assert.equal((await guess()).status, 403);
  assert.equal((await guess()).status, 429);
});

test('the bootstrap token works on the first start only, and is never kept', async (t) => {
  const dataDir = makeDataDir(t);
  const first = await startTestManager(t, { dataDir });
  assert.equal(first.setupLink, undefined);
  const { body } = await first.call('GET /management-keys');
  assert.deepEqual(
    body.items.map((one: { name: string }) => one.name),
    ['bootstrap'],
  );
  await first.callLocally('DELETE /management-keys/bootstrap');
  assert.equal((await first.call('GET /management-keys')).status, 401, 'a deleted key ends at once');
  await first.manager.close();
  const second = await startTestManager(t, { dataDir });
  assert.equal((await second.call('GET /projects')).status, 401);
  assert.notEqual(second.setupLink, undefined);
  await second.manager.close();
  for (const file of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    const place = path.join(dataDir, file);
    if (!file.endsWith('.sock')) assert.ok(!readFileSync(place, 'latin1').includes(BOOTSTRAP_TOKEN), file);
  }
});

test('a short bootstrap token is refused', async (t) => {
  await assert.rejects(startTestManager(t, { options: { bootstrapToken: 'short' } }), /at least 32 characters/);
});

test('a start with another master key fails before anything is changed', async (t) => {
  const dataDir = makeDataDir(t);
  await (await startTestManager(t, { dataDir })).manager.close();
  await assert.rejects(startTestManager(t, { dataDir, masterKey: Buffer.alloc(32, 9) }), (error: unknown) => {
    assert.ok(error instanceof ConfigurationError);
    assert.match(error.message, /The master key is not the one/);
    return true;
  });
  await startTestManager(t, { dataDir });
});

test('rotating the master key seals what there is anew; the tag keys stay the same', async (t) => {
  const dataDir = makeDataDir(t);
  const manager = await startTestManager(t, { dataDir });
  const read = async () => {
    await using db = await openDatabase(await managerDatabase(dataDir));
    return (await db.read.selectFrom('token_keys').select('current').executeTakeFirstOrThrow()).current;
  };
  const before = await read();
  const { status, body } = await manager.call('POST /master-key/rotate');
  // Tag keys, ticket key, key check, and four signing keys; after a second the key that signs the audit trail too.
  assert.deepEqual([status, body.keyId, [7, 8].includes(body.rewrapped)], [200, 'k2', true], JSON.stringify(body));
  const keys = (n: number) => new SecretBox([{ id: `k${n}`, key: Buffer.alloc(32, n) }], systemRandom);
  const after = await read();
  const context = tokenKeyContext('current');
  assert.deepEqual(keys(2).open(after, context), keys(1).open(before, context));
  await manager.manager.close();
  await assert.rejects(startTestManager(t, { dataDir }), /The master key is not the one/);
});

test('management keys are shown once, end by their end, and the last one cannot lock everybody out', async (t) => {
  const manager = await startTestManager(t);
  const endsAt = manager.clock.now() + 1000;
  const { body } = await manager.call('POST /management-keys', {
    body: { displayName: 'CI', roles: [{ role: 'viewer' }], endsAt },
  });
  assert.equal((await manager.call('GET /projects', { key: body.key })).status, 200);
  assert.ok(!(await manager.call('GET /management-keys')).text.includes(body.key));
  manager.clock.advance(1000);
  assert.equal((await manager.call('GET /projects', { key: body.key })).status, 401);
  const last = await manager.call('DELETE /management-keys/bootstrap');
  assert.deepEqual([last.status, last.body.code], [409, 'state_conflict']);
  assert.equal((await manager.call('DELETE /management-keys/ci')).status, 204);
});
