import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import type { TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { createSeveralTokenStores } from '#stores/several/token-stores';
import { standing } from './guarantee.ts';
import { NOW, RETENTION_MS, sampleCode, sampleGrant, sampleRefresh, sampleToken } from './sample-token.ts';
import { testTokenStore } from './token-store.ts';

const clock = new HandClock(NOW);
const openMemory = () =>
  openTokenStore('memory:', { clock, logger: noLogger, retentionMs: RETENTION_MS, sweepIntervalMs: 0 });

async function openTwo() {
  const first = await openMemory();
  const second = await openMemory();
  const stores = createSeveralTokenStores(clock);
  stores.use([
    { name: 'second', store: second, isDefault: false },
    { name: 'first', store: first, isDefault: true },
  ]);
  return { first, second, stores };
}

/** A store that does not answer. */
const away = new Proxy({} as TokenStore, {
  get: (_, name) =>
    name === 'kind' ? 'away' : name === 'then' ? undefined : async () => Promise.reject(new UnavailableError('away')),
});

testTokenStore('one of one', async () => {
  const stores = createSeveralTokenStores(clock);
  stores.use([{ name: 'only', store: await openMemory(), isDefault: true }]);
  return stores;
});
// There is no commit order between two stores; each of their changes comes all the same (below).
const except = 'feeds revocations and standings to a reader in commit order, page by page';
testTokenStore('several as one', async () => (await openTwo()).stores, { except });
testTokenStore('several as one, the other preferred', async () => (await openTwo()).stores.preferring('second'), {
  except,
});

test('the feed tells the changes of each store once, and a standing for each', async () => {
  const { stores } = await openTwo();
  await using _ = stores;
  const [one, two] = [sampleToken('one'), sampleToken('two')];
  await stores.saveAccess(one);
  await stores.preferring('second').saveAccess(two);
  const { cursor } = await stores.changesSince(undefined, 10);
  await stores.revokeAccess(one.hash, note);
  await stores.revokeAccess(two.hash, note);
  const raised = standing({ generation: 9 });
  await stores.writeStandings([raised]);
  const page = await stores.changesSince(cursor, 10);
  const hashes = page.changes.flatMap((change) => (change.kind === 'token' ? [change.hash] : []));
  assert.deepEqual(hashes.sort(), [one.hash, two.hash].sort());
  assert.deepEqual(
    page.changes.filter(({ kind }) => kind === 'standing'),
    [1, 2].map(() => ({ kind: 'standing', standing: raised })),
  );
  assert.deepEqual((await stores.changesSince(page.cursor, 10)).changes, []);
});

test('what is new goes to the store that is preferred, and is found whoever asks', async () => {
  const { first, second, stores } = await openTwo();
  await using _ = stores;
  const [plain, chosen] = [sampleToken('plain'), sampleToken('chosen')];
  await stores.saveAccess(plain);
  await stores.preferring('second').saveAccess(chosen);
  assert.equal((await first.findAccess(plain.hash, NOW)).state, 'live');
  assert.equal((await first.findAccess(chosen.hash, NOW)).state, 'unknown');
  assert.equal((await second.findAccess(chosen.hash, NOW)).state, 'live');
  assert.equal((await stores.findAccess(chosen.hash, NOW)).state, 'live');
  assert.equal((await stores.preferring('second').findAccess(plain.hash, NOW)).state, 'live');
  assert.deepEqual((await stores.sizes()).access, 2);
  await assert.rejects(async () => stores.preferring('third').saveAccess(plain), UnavailableError);
});

test('a policy that names another store takes its old grants along: they live and die where they were', async () => {
  const { first, second, stores } = await openTwo();
  await using _ = stores;
  const grant = sampleGrant('moved');
  const old = sampleRefresh('moved-1', grant.id);
  await stores.saveIssue({ grant, refresh: old });
  const now = stores.preferring('second');
  const access = { ...sampleToken('moved-access'), grantId: grant.id };
  const successor = sampleRefresh('moved-2', grant.id);
  const rotation = { hash: old.hash, attemptId: 'a', now: NOW, graceMs: 0, access, successor };
  assert.equal((await now.rotateRefresh(rotation)).state, 'rotated');
  assert.equal((await first.findRefresh(successor.hash, NOW)).state, 'live');
  const later = { ...sampleToken('moved-later'), grantId: grant.id };
  await now.saveAccess(later);
  assert.equal((await first.findAccess(later.hash, NOW)).state, 'live');
  assert.equal((await second.findAccess(later.hash, NOW)).state, 'unknown');
  assert.equal(
    (await now.rotateRefresh({ ...rotation, attemptId: 'b', access: sampleToken('another') })).state,
    'replayed',
  );
  for (const hash of [access.hash, later.hash]) assert.equal((await now.findAccess(hash, NOW)).state, 'revoked');
});

test('a code whose grant stands in two stores kills both when it is replayed', async () => {
  const { first, second, stores } = await openTwo();
  await using _ = stores;
  const grant = sampleGrant('twice');
  const code = sampleCode('twice', grant.id);
  const access = { ...sampleToken('twice'), grantId: grant.id };
  await first.saveIssue({ grant, code });
  await second.saveIssue({ grant, access });
  assert.equal((await stores.consumeCode(code.hash, { id: 'a', now: NOW })).state, 'consumed');
  assert.equal((await stores.consumeCode(code.hash, { id: 'b', now: NOW })).state, 'replayed');
  assert.equal((await second.findAccess(access.hash, NOW)).state, 'revoked');
});

test('what is taken once is taken once, though another store became the default meanwhile', async () => {
  const { first, second, stores } = await openTwo();
  await using _ = stores;
  assert.equal(await stores.rememberOnce('assertion', 'jti', NOW + 60_000), true);
  await stores.saveTransient({ kind: 'session', id: 's', value: '{}', expiresAt: NOW + 60_000 });
  stores.use([
    { name: 'first', store: first, isDefault: false, defaultUntil: NOW },
    { name: 'second', store: second, isDefault: true },
  ]);
  assert.equal(await stores.rememberOnce('assertion', 'jti', NOW + 60_000), false);
  const found = await stores.findTransient('session', 's', NOW);
  assert.equal(found?.value, '{}');
  assert.equal(await stores.takeTransient('session', 's', NOW), '{}');
  assert.equal(await stores.takeTransient('session', 's', NOW), undefined);
});

test('while one of several is away, what the others know is answered and nothing is called unknown', async () => {
  const { first, stores } = await openTwo();
  await using _ = first;
  const token = sampleToken('here');
  await first.saveAccess(token);
  stores.use([
    { name: 'first', store: first, isDefault: true },
    { name: 'far', store: away, isDefault: false },
  ]);
  assert.equal((await stores.findAccess(token.hash, NOW)).state, 'live');
  await assert.rejects(async () => stores.findAccess(sampleToken('nowhere').hash, NOW), UnavailableError);
  await assert.rejects(async () => stores.revokeAccess(sampleToken('nowhere').hash, note), UnavailableError);
  assert.equal(await stores.revokeAccess(token.hash, note), true);
  await assert.rejects(async () => stores.revokeGrantsOf({ subject: 'sub' }, note), UnavailableError);
  const { cursor } = await stores.changesSince(undefined, 10);
  await first.revokeAccess(sampleToken('none').hash, note);
  const other = sampleToken('other');
  await stores.saveAccess(other);
  await stores.revokeAccess(other.hash, note);
  assert.deepEqual((await stores.changesSince(cursor, 10)).changes, [{ kind: 'token', hash: other.hash }]);
  stores.use([{ name: 'far', store: away, isDefault: true }]);
  await assert.rejects(async () => stores.changesSince(cursor, 10), UnavailableError);
});

test('without any store nothing is decided', async () => {
  const stores = createSeveralTokenStores(clock);
  await assert.rejects(async () => stores.findAccess(sampleToken('x').hash, NOW), UnavailableError);
  await assert.rejects(async () => stores.saveAccess(sampleToken('x')), UnavailableError);
  await assert.rejects(async () => stores.rememberOnce('assertion', 'jti', NOW), UnavailableError);
});

const note = { by: 'priya', at: NOW, reason: undefined };
