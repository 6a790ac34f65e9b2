import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type FeedSigningKeys, feedSigningKeys, signingKeyContext } from '#core/change-feed';
import { systemRandom } from '#core/random';
import { createLetterKey, openLetter } from '#core/sealed-letter';
import { SecretBox } from '#core/secret-box';
import { SIGNING_ALGORITHMS } from '#core/signing-keys';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { readFeed } from '../feed/read.ts';
import { lettersFor } from '../gateways/letters.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { listSigningKeyRows, resealTokenSigningKeys } from './keys.ts';
import { keepSigningKeys } from './rotate.ts';

const DAY_MS = 86_400_000;
const actor: Actor = { name: 'x', via: 'system', operation: 'x', keyId: undefined, requestId: undefined };

interface View {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: string;
}

async function start(t: TestContext) {
  const manager = await openTestManager(t);
  await keepSigningKeys(manager.context);
  const list = async (algorithm = 'ES256'): Promise<View[]> => {
    const { items } = await manager.run('signingKeys.list');
    return items.filter((key: View) => key.algorithm === algorithm);
  };
  const states = async () => Object.fromEntries((await list()).map(({ kid, state }) => [kid, state]));
  const after = async (ms: number) => {
    manager.clock.advance(ms);
    await keepSigningKeys(manager.context);
    return states();
  };
  return { manager, list, states, after };
}

async function feedOf(manager: TestManager): Promise<FeedSigningKeys> {
  const { entries } = await readFeed(manager.context.db.read, { since: 0, kinds: ['signing-keys'], limit: 10 });
  return feedSigningKeys.parse(entries[0]?.payload);
}

test('a first start has one key for each algorithm, and another look changes nothing', async (t) => {
  const { manager } = await start(t);
  const first = await manager.run('signingKeys.list');
  assert.deepEqual(first.items.map(({ algorithm }: View) => algorithm).sort(), [...SIGNING_ALGORITHMS].sort());
  assert.ok(first.items.every(({ state }: View) => state === 'current'));
  await keepSigningKeys(manager.context);
  assert.deepEqual(await manager.run('signingKeys.list'), first);
});

test('the next key is published a day before it signs, and the old one until what it signed has ended', async (t) => {
  const { list, after } = await start(t);
  const [{ kid: first } = { kid: '' }] = await list();
  assert.deepEqual(await after(88 * DAY_MS), { [first]: 'current' });
  const withNext = await after(DAY_MS);
  const [second = ''] = Object.keys(withNext).filter((kid) => kid !== first);
  assert.deepEqual(withNext, { [first]: 'current', [second]: 'next' });
  assert.deepEqual(await after(DAY_MS - 1), { [first]: 'current', [second]: 'next' });
  assert.deepEqual(await after(1), { [first]: 'retired', [second]: 'current' });
  assert.deepEqual(await after(31 * DAY_MS - 1), { [first]: 'retired', [second]: 'current' });
  assert.deepEqual(await after(1), { [second]: 'current' });
});

test('a manager that was off for long publishes the next key for a day all the same', async (t) => {
  const { list, after } = await start(t);
  const [{ kid: first } = { kid: '' }] = await list();
  const late = await after(400 * DAY_MS);
  assert.deepEqual([Object.keys(late).length, late[first]], [2, 'current']);
  assert.equal((await after(DAY_MS))[first], 'retired');
});

test('a rotation by hand waits a day; with force it does not', async (t) => {
  const { manager, list, states, after } = await start(t);
  const [{ kid: first } = { kid: '' }] = await list();
  await manager.run('signingKeys.rotate', { body: { algorithm: 'ES256' } });
  assert.equal((await states())[first], 'current');
  assert.equal((await list('RS256')).length, 1);
  assert.equal((await after(DAY_MS))[first], 'retired');
  const [current] = (await list()).filter(({ state }) => state === 'current');
  await manager.run('signingKeys.rotate', { body: { algorithm: 'ES256', force: true } });
  assert.equal((await states())[current?.kid ?? ''], 'retired');
  assert.equal((await list()).filter(({ state }) => state === 'current').length, 1);
});

test('a retired key has a successor at once; with force it is not even published', async (t) => {
  const { manager, list, states } = await start(t);
  const [{ kid: first } = { kid: '' }] = await list();
  await manager.run('signingKeys.retire', { params: { key: first } });
  assert.equal((await states())[first], 'retired');
  await manager.run('signingKeys.retire', { params: { key: first }, body: { force: true } });
  assert.equal((await states())[first], undefined);
  const [{ kid: second } = { kid: '' }] = await list();
  await manager.run('signingKeys.retire', { params: { key: second }, body: { force: true } });
  const left = await list();
  assert.deepEqual([left.length, left[0]?.state, left[0]?.kid === second], [1, 'current', false]);
  await assert.rejects(
    manager.run('signingKeys.retire', { params: { key: 'kid_none' } }),
    /no signing-key|There is no/i,
  );
});

test('a private key is in no answer, list or audit entry, and not kept once it signs no more', async (t) => {
  const { manager } = await start(t);
  await manager.run('signingKeys.rotate', { body: { force: true } });
  const shown = JSON.stringify([await manager.run('signingKeys.list'), await manager.run('audit.list')]);
  for (const name of ['private', '"d":', '"p":', 'gwl1.']) assert.ok(!shown.includes(name), name);
  const rows = await listSigningKeyRows(manager.context.db.read);
  for (const { state, private_sealed: sealed } of rows) assert.equal(sealed === null, state === 'retired');
});

test('a gateway gets the private keys as letters that only it opens; they fit the public ones', async (t) => {
  const { manager } = await start(t);
  const key = createLetterKey();
  const payload = await feedOf(manager);
  const entry = { seq: 1, kind: 'signing-keys' as const, id: 'oauth', serverGroupId: undefined, payload };
  const rewritten = lettersFor(manager.context, key.publicKey)(entry);
  for (const { kid, privateSealed, publicJwk } of feedSigningKeys.parse(rewritten?.payload).keys) {
    const der = openLetter(privateSealed ?? '', { key, context: signingKeyContext(kid) });
    const made = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({
      format: 'jwk',
    });
    assert.deepEqual(made, JSON.parse(publicJwk));
    assert.throws(() => openLetter(privateSealed ?? '', { key, context: signingKeyContext('kid_other') }));
    assert.throws(() => openLetter(privateSealed ?? '', { key: createLetterKey(), context: signingKeyContext(kid) }));
  }
});

test('a rotation of the master key seals them anew', async (t) => {
  const { manager } = await start(t);
  const old = { id: 'k1', key: Buffer.alloc(32, 1) };
  const box = new SecretBox([{ id: 'k2', key: Buffer.alloc(32, 2) }, old], systemRandom);
  const reseal = () =>
    change(manager.context, actor, async (unit) => {
      unit.audit({ objectKind: 'x', objectId: 'x', objectName: 'x', sentence: 'x' });
      return resealTokenSigningKeys(unit, box);
    });
  assert.equal(await reseal(), SIGNING_ALGORITHMS.length);
  assert.equal(await reseal(), 0);
  const alone = new SecretBox([{ id: 'k2', key: Buffer.alloc(32, 2) }], systemRandom);
  for (const { kid, privateSealed = '' } of (await feedOf(manager)).keys)
    assert.ok(alone.open(privateSealed, signingKeyContext(kid)).length > 0);
});
