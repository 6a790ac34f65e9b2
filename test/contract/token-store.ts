import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { TokenStore } from '#core/token-store';
import { guaranteeCodes } from './code.ts';
import { guaranteeGrants } from './grant.ts';
import { type Guarantee, standing } from './guarantee.ts';
import { guaranteeRecords } from './record.ts';
import { guaranteeRefreshTokens } from './refresh-token.ts';
import { LIFE_MS, NOW, RETENTION_MS, sampleToken } from './sample-token.ts';

/**
 * What every adapter of TokenStore guarantees. `open` gives a fresh, empty store with {@link RETENTION_MS}.
 * @param but.except what only one store can guarantee, and several as one cannot
 * @param but.isPurged false: the engine removes rows by their TTL, and `purge` gives 0
 */
export function testTokenStore(
  name: string,
  open: () => Promise<TokenStore>,
  { except = '', isPurged = true }: { readonly except?: string; readonly isPurged?: boolean } = {},
): void {
  const register = (sentence: string, check: (store: TokenStore) => Promise<void>) => {
    if (sentence === except) return;
    test(`${name}: ${sentence}`, async () => {
      await using store = await open();
      await check(store);
    });
  };
  const guarantee: Guarantee = Object.assign(register, { ofPurge: isPurged ? register : () => {} });
  guaranteeAccessTokens(guarantee);
  guaranteeCodes(guarantee);
  guaranteeRefreshTokens(guarantee);
  guaranteeGrants(guarantee);
  guaranteeRecords(guarantee);
}

function guaranteeAccessTokens(guarantee: Guarantee): void {
  guarantee('gives back every field of a saved token', async (store) => {
    const plain = sampleToken('plain');
    const full = sampleToken('full', {
      subject: 'own_1',
      scopes: [],
      generations: { client: 1, subscription: 2, secret: 3, subject: 4 },
      parameters: { Department: 'Engineering', quote: '"\u00e9\n' },
    });
    const jwt = sampleToken('jwt', {
      secretId: undefined,
      generations: { client: 1, subscription: 2 },
      details: {
        ...{ audience: ['https://api.example/'], certificate: 'x5t', actors: ['gwk_1'], username: 'maria' },
        ...{ authenticatedAt: NOW - 5, jti: 'jti-1' },
      },
    });
    const tokens = [plain, full, jwt, sampleToken('last')];
    await Promise.all(tokens.map((token) => store.saveAccess(token)));
    for (const token of tokens) {
      assert.deepEqual(await store.findAccess(token.hash, NOW), { state: 'live', token, inactive: [] });
    }
  });

  guarantee('says unknown of a hash that was never saved', async (store) => {
    assert.deepEqual(await store.findAccess(sha256Hex('nobody'), NOW), { state: 'unknown' });
  });

  guarantee('calls a token expired from the very millisecond of its expiry', async (store) => {
    const token = sampleToken('a');
    await store.saveAccess(token);
    assert.equal((await store.findAccess(token.hash, NOW + LIFE_MS - 1)).state, 'live');
    assert.deepEqual(await store.findAccess(token.hash, NOW + LIFE_MS), { state: 'expired', token });
  });

  guarantee('counts a token saved twice once and leaves the first as it was', async (store) => {
    const token = sampleToken('a');
    await store.saveAccess(token);
    await store.revokeAccess(token.hash, { by: 'priya', at: NOW + 1, reason: undefined });
    await Promise.all([store.saveAccess(token), store.saveAccess(token)]);
    assert.equal((await store.findAccess(token.hash, NOW + 2)).state, 'revoked');
    assert.equal(await store.countLive('cli_A', NOW + 2), 1);
  });

  guarantee('keeps the note of the first revocation', async (store) => {
    const token = sampleToken('a');
    await store.saveAccess(token);
    assert.equal(await store.revokeAccess(token.hash, { by: 'priya', at: NOW + 1, reason: 'leaked' }), true);
    assert.equal(await store.revokeAccess(token.hash, { by: 'someone', at: NOW + 2, reason: undefined }), true);
    assert.deepEqual(await store.findAccess(token.hash, NOW + 3), {
      state: 'revoked',
      token,
      by: 'priya',
      at: NOW + 1,
      reason: 'leaked',
      standing: undefined,
    });
    // What killed it first stays the cause after the expiry.
    assert.equal((await store.findAccess(token.hash, NOW + LIFE_MS)).state, 'revoked');
  });

  guarantee('says false when a token to revoke does not exist', async (store) => {
    assert.equal(await store.revokeAccess(sha256Hex('none'), { by: 'priya', at: NOW, reason: undefined }), false);
  });

  for (const [kind, id, generation] of [
    ['client', 'cli_A', 2],
    ['subscription', 'sub_A', 3],
    ['secret', 'sec_A', 4],
    ['subject', 'own_A', 5],
  ] as const) {
    guarantee(`kills tokens issued under a lower generation of their ${kind}, and only those`, async (store) => {
      const generations = { client: 1, subscription: 2, secret: 3, subject: 4 };
      const old = sampleToken('old', { subject: 'own_A', generations });
      const fresh = sampleToken('new', { subject: 'own_A', generations: { ...generations, [kind]: generation } });
      const other = sampleToken('other', {
        ...{ clientId: 'cli_B', subscriptionId: 'sub_B', secretId: 'sec_B', subject: 'own_B' },
        generations,
      });
      await Promise.all([old, fresh, other].map((token) => store.saveAccess(token)));
      const raised = standing({ kind, id, generation, reason: 'lost laptop' });
      await store.writeStandings([raised]);
      const found = await store.findAccess(old.hash, NOW + 10);
      assert.equal(found.state, 'revoked');
      assert.deepEqual(found.state === 'revoked' && found.standing, raised);
      assert.equal(found.state === 'revoked' && found.by, 'priya');
      assert.equal((await store.findAccess(fresh.hash, NOW + 10)).state, 'live');
      assert.equal((await store.findAccess(other.hash, NOW + 10)).state, 'live');
    });
  }

  guarantee('never brings tokens back when a late writer has a lower generation', async (store) => {
    const token = sampleToken('a');
    await store.saveAccess(token);
    await store.writeStandings([standing({ generation: 5 })]);
    await store.writeStandings([standing({ generation: 1, by: 'late' })]);
    assert.equal((await store.findAccess(token.hash, NOW)).state, 'revoked');
    assert.deepEqual(await store.readStandings(), [standing({ generation: 5 })]);
  });

  guarantee('keeps a suspended token live and says what is inactive, until it is active again', async (store) => {
    const token = sampleToken('a');
    await store.saveAccess(token);
    const suspended = standing({ kind: 'subscription', id: 'sub_A', generation: 2, active: false });
    await store.writeStandings([suspended, standing({ active: true })]);
    assert.deepEqual(await store.findAccess(token.hash, NOW), { state: 'live', token, inactive: [suspended] });
    await store.writeStandings([{ ...suspended, active: true, at: NOW + 9 }]);
    assert.deepEqual(await store.findAccess(token.hash, NOW), { state: 'live', token, inactive: [] });
  });

  guarantee('feeds revocations and standings to a reader in commit order, page by page', async (store) => {
    const token = sampleToken('a');
    await store.saveAccess(token);
    const begin = await store.changesSince(undefined, 10);
    assert.deepEqual([begin.flush, begin.changes], [false, []]);
    const raised = standing({ generation: 2 });
    await store.revokeAccess(token.hash, { by: 'priya', at: NOW + 1, reason: undefined });
    await store.revokeAccess(token.hash, { by: 'priya', at: NOW + 2, reason: undefined });
    await store.writeStandings([raised]);
    await store.writeStandings([raised, standing({ generation: 1 })]);
    const first = await store.changesSince(begin.cursor, 1);
    assert.deepEqual(first.changes, [{ kind: 'token', hash: token.hash }]);
    const second = await store.changesSince(first.cursor, 10);
    assert.deepEqual(second.changes, [{ kind: 'standing', standing: raised }]);
    const third = await store.changesSince(second.cursor, 10);
    assert.deepEqual([third.flush, third.changes, third.cursor], [false, [], second.cursor]);
  });

  guarantee('tells a reader that lost its place to flush, and gives it the present place', async (store) => {
    for (const cursor of ['nonsense', 'otherfeed.0', '']) {
      const changes = await store.changesSince(cursor, 10);
      assert.equal(changes.flush, true, cursor);
      assert.equal((await store.changesSince(changes.cursor, 10)).flush, false);
    }
    const { cursor } = await store.changesSince(undefined, 10);
    const ahead = cursor.replace(/\d+$/, '999');
    assert.equal((await store.changesSince(ahead, 10)).flush, true, 'a number that was never given');
  });

  guarantee('keeps the mark of the manager feed', async (store) => {
    assert.equal(await store.readFeedMark(), undefined);
    await store.writeFeedMark({ epoch: 'fee_1', seq: 7 });
    await store.writeFeedMark({ epoch: 'fee_1', seq: 9 });
    assert.deepEqual(await store.readFeedMark(), { epoch: 'fee_1', seq: 9 });
  });

  guarantee('counts the tokens of a client that have not expired, revoked ones too, to the minute', async (store) => {
    const tokens = [1, 2, 3].map((n) => sampleToken(`a${n}`, { expiresAt: NOW + n * 120_000 }));
    await Promise.all([...tokens, sampleToken('b', { clientId: 'cli_B' })].map((token) => store.saveAccess(token)));
    await store.revokeAccess(tokens[2]!.hash, { by: 'priya', at: NOW, reason: undefined });
    assert.equal(await store.countLive('cli_A', NOW), 3);
    assert.equal(await store.countLive('cli_A', NOW + 120_000 + 60_000), 2);
    assert.equal(await store.countLive('cli_A', NOW + 360_000 + 60_000), 0);
    assert.equal(await store.countLive('cli_none', NOW), 0);
  });

  guarantee.ofPurge('keeps dead tokens known for the retention, then removes them in batches', async (store) => {
    const tokens = [1, 2, 3].map((n) => sampleToken(`a${n}`));
    const later = sampleToken('later', { expiresAt: NOW + 10 * LIFE_MS });
    await Promise.all([...tokens, later].map((token) => store.saveAccess(token)));
    const dead = NOW + LIFE_MS + RETENTION_MS;
    assert.equal(await store.purge(dead, 10), 0, 'not before the retention is over');
    assert.equal((await store.findAccess(tokens[0]!.hash, dead)).state, 'expired');
    assert.equal(await store.purge(dead + 1, 2), 2);
    assert.equal(await store.purge(dead + 1, 2), 1);
    assert.equal(await store.purge(dead + 1, 2), 0);
    assert.equal((await store.findAccess(tokens[0]!.hash, dead + 1)).state, 'unknown');
    assert.equal((await store.findAccess(later.hash, NOW)).state, 'live');
  });

  guarantee('takes many tokens at once and finds each', async (store) => {
    const tokens = Array.from({ length: 3000 }, (_, n) => sampleToken(`many${n}`, { clientId: `cli_${n % 7}` }));
    await Promise.all(tokens.map((token) => store.saveAccess(token)));
    for (const token of tokens) assert.equal((await store.findAccess(token.hash, NOW)).state, 'live');
    assert.equal(await store.countLive('cli_0', NOW), 429);
  });
}
