import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { HandClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { backUp } from '#main/backup/back-up';
import { restore } from '#main/backup/restore';
import { readConfig } from '#main/config';
import { dataDirAt } from '#main/data-dir';
import { openMasterKeyFile } from '#main/master-key';
import { tokenStoreOpener } from '#main/token-store';
import { openDatabase } from '#manager/database';
import { writeKeyCheck } from '#manager/key-check';
import {
  grantedToken,
  NOW,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from '../contract/sample-token.ts';
import { startCassandra } from '../support/cassandra.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';

// Tokens are backed up; then some are revoked, used and rotated; then the backup is restored beside the store as it is by now.

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);
const timeout = 120_000 * (rounds + 1);
const EACH = 20;

const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-restore-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Where a token store is; empty: a file in the data directory. */
interface Engine extends AsyncDisposable {
  readonly url: string;
}

const ENGINES: Readonly<Record<string, () => Promise<Engine>>> = {
  sqlite: async () => ({ url: '', [Symbol.asyncDispose]: async () => {} }),
  redis: () => startRedis(),
  postgres: () => startPostgres(),
  cassandra: async () => {
    const cluster = await startCassandra({ nodes: 1 });
    return {
      url: `${cluster.url}/restored?replicationFactor=1`,
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  },
};

/** The data directory of a manager that was set up and never asked for anything. */
async function makeData(dir: string, url: string) {
  mkdirSync(dir, { mode: 0o700 });
  const box = openMasterKeyFile(path.join(dir, 'master.key'), { create: true, random: systemRandom }).box();
  await using db = await openDatabase(path.join(dir, 'manager.db'));
  await db.transaction(async (tx) => {
    await writeKeyCheck(tx, box);
    await tx.insertInto('feed_meta').values({ id: 1, epoch: 'fee_before', seq: 7, horizon: 0 }).execute();
  });
  return readConfig({ env: { GATEWRIGHT_DATA_DIR: dir, GATEWRIGHT_TOKEN_STORE_URL: url } });
}

/** What was done with tokens of a round, by the letter that their seeds begin with. */
const WHAT = { K: 'kept', R: 'revoked', G: 'of a grant that was revoked', C: 'by a code', F: 'by a refresh token' };
type What = keyof typeof WHAT;
const seedsOf = (what: What, name: string) => Array.from({ length: EACH }, (_, n) => `${what} ${name} ${n}`);
const grantOf = (seed: string) => sampleGrant(seed.replaceAll(' ', '_'));

async function saveAll(store: TokenStore, name: string): Promise<void> {
  const saves = [...seedsOf('K', name), ...seedsOf('R', name)].map((seed) => store.saveAccess(sampleToken(seed)));
  for (const what of ['G', 'C', 'F'] as const)
    for (const seed of seedsOf(what, name)) {
      const grant = grantOf(seed);
      const further = {
        G: { access: grantedToken(seed, grant.id) },
        C: { code: sampleCode(seed, grant.id) },
        F: { refresh: sampleRefresh(seed, grant.id) },
      }[what];
      saves.push(store.saveIssue({ grant, ...further }));
    }
  await Promise.all(saves);
}

const note = { by: 'priya', at: NOW, reason: 'lost' };

/** Half of each kind is revoked, consumed, rotated; gives how many. */
async function endHalf(store: TokenStore, name: string): Promise<number> {
  const half = (what: What) => seedsOf(what, name).filter((_, n) => n % 2 === 0);
  const ends = [
    ...half('R').map((seed) => store.revokeAccess(sampleToken(seed).hash, note)),
    ...half('G').map((seed) => store.revokeGrant(grantOf(seed).id, note)),
    ...half('C').map(async (seed) => {
      const { state } = await store.consumeCode(sampleCode(seed, '').hash, { id: 'before', now: NOW });
      return state === 'consumed';
    }),
    ...half('F').map(async (seed) => {
      const { state } = await store.rotateRefresh(sampleRotation(seed, `next of ${seed}`, grantOf(seed).id));
      return state === 'rotated';
    }),
  ];
  assert.ok((await Promise.all(ends)).every((isDone) => isDone));
  return ends.length;
}

/** Looks at all tokens of a round: what should live and does not, and what is alive again or can be used again. */
async function judge(store: TokenStore, name: string) {
  const counts = { lost: 0, revived: 0, consumedTwice: 0, rotatedTwice: 0 };
  const isLive = async (seed: string) => (await store.findAccess(sampleToken(seed).hash, NOW)).state === 'live';
  for (const seed of seedsOf('K', name)) if (!(await isLive(seed))) counts.lost += 1;
  for (const what of ['R', 'G'] as const)
    for (const [n, seed] of seedsOf(what, name).entries()) {
      const live = await isLive(seed);
      if (n % 2 === 0 && live) counts.revived += 1;
      if (n % 2 === 1 && !live) counts.lost += 1;
    }
  for (const seed of seedsOf('C', name)) {
    const { state } = await store.consumeCode(sampleCode(seed, '').hash, { id: 'after', now: NOW });
    if (state === 'consumed') counts.consumedTwice += 1; // no code outlives a restore
  }
  for (const [n, seed] of seedsOf('F', name).entries()) {
    if (n % 2 === 1) continue;
    const { state } = await store.rotateRefresh(sampleRotation(seed, `again of ${seed}`, grantOf(seed).id));
    if (state === 'rotated') counts.rotatedTwice += 1;
  }
  return counts;
}

for (const [name, start] of Object.entries(ENGINES)) {
  test(`a backup is restored after tokens were revoked, consumed and rotated on ${name}: nothing comes back`, {
    timeout,
  }, async (t) => {
    await using engine = await start();
    const total = { ended: 0, lost: 0, revived: 0, consumedTwice: 0, rotatedTwice: 0 };
    for (let round = 0; round < rounds; round += 1) {
      // A restore keeps its data directory to itself until its process ends.
      const dir = path.join(folder, `${name}-${round}`);
      const config = await makeData(dir, engine.url);
      const common = { clock: new HandClock(NOW), logger: noLogger, say: () => {} };
      const open = () =>
        tokenStoreOpener(config, dataDirAt(dir), { ...common, sweepIntervalMs: 0 })('configured', undefined);
      const to = `${dir}.gz`;
      {
        await using store = await open();
        await saveAll(store, `${round}`);
        await backUp({ ...common, config, to, withoutTokens: false });
        total.ended += await endHalf(store, `${round}`);
      }
      await restore({ ...common, config, from: to, keepTokens: true, withoutTokens: false, replace: true });
      await using store = await open();
      const counts = await judge(store, `${round}`);
      for (const key of ['lost', 'revived', 'consumedTwice', 'rotatedTwice'] as const) total[key] += counts[key];
    }
    t.diagnostic(`${rounds} rounds: ${JSON.stringify(total)}`);
    assert.deepEqual({ ...total, ended: 0 }, { ended: 0, lost: 0, revived: 0, consumedTwice: 0, rotatedTwice: 0 });
    assert.equal(total.ended, rounds * EACH * 2);
  });
}
