import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '#core/credential';
import type { Standing } from '#core/standing';
import { COPIED_KINDS, type CopiedKind, type CopiedRow, type TokenStore } from '#core/token-store';
import { note, standing } from './guarantee.ts';
import { testMoving } from './moving.ts';
import {
  grantedToken,
  LIFE_MS,
  NOW,
  sampleCode,
  sampleGrant,
  sampleRefresh,
  sampleRotation,
  sampleToken,
} from './sample-token.ts';

/** All rows of a store, in the order in which they are copied, in pages of two. */
async function rowsOf(store: TokenStore, kinds: readonly CopiedKind[] = COPIED_KINDS): Promise<CopiedRow[]> {
  const rows: CopiedRow[] = [];
  for (const kind of kinds)
    for (let after: string | undefined, more = true; more; ) {
      const page = await store.copyOut(kind, after, 2);
      rows.push(...page.rows);
      after = page.next;
      more = after !== undefined;
    }
  return rows;
}

async function copyAll(from: TokenStore, to: TokenStore): Promise<void> {
  const rows = await rowsOf(from);
  for (let i = 0; i < rows.length; i += 3) await to.copyIn(rows.slice(i, i + 3));
}

/** Something of everything, in each state. */
async function fill(store: TokenStore): Promise<void> {
  for (const name of ['live', 'expired', 'revoked', 'of-client-B']) {
    const client = name === 'of-client-B' ? { clientId: 'cli_B' } : {};
    await store.saveAccess(sampleToken(name, client));
  }
  await store.revokeAccess(sha256Hex('revoked'), note('priya'));
  for (const name of ['good', 'dead', 'replayed']) {
    const grant = sampleGrant(name, { details: { username: name, audience: ['https://a.example'] } });
    await store.saveIssue({
      ...{ grant, code: sampleCode(`code ${name}`, grant.id), refresh: sampleRefresh(`first ${name}`, grant.id) },
      access: grantedToken(`access ${name}`, grant.id),
    });
  }
  await store.consumeCode(sha256Hex('code good'), { id: 'attempt', now: NOW });
  await store.rotateRefresh(sampleRotation('first good', 'second good', 'gra_good'));
  await store.revokeGrant('gra_dead', note('maria'));
  await store.rotateRefresh(sampleRotation('first replayed', 'second replayed', 'gra_replayed'));
  await store.rotateRefresh(sampleRotation('first replayed', 'third replayed', 'gra_replayed'));
  await store.writeStandings([standing({ id: 'cli_B', generation: 7 }), standing({ kind: 'secret', id: 'sec_Z' })]);
  await store.rememberOnce('assertion', 'jti', NOW + LIFE_MS);
  await store.saveTransient({ kind: 'device', id: 'device', value: '{"a":1}', expiresAt: NOW + LIFE_MS });
  const consent = { clientId: 'cli_A', projectId: 'prj_A', scopes: ['a', 'b'], grantedAt: NOW, updatedAt: NOW + 1 };
  for (const subject of ['own_A', 'own_B', 'own_C']) await store.saveConsent({ subject, ...consent });
}

const HASHES = ['live', 'expired', 'revoked', 'of-client-B', 'access good', 'access dead', 'access replayed'].map(
  sha256Hex,
);
const LATER = NOW + 2000;

/** All that a reader can find out. */
async function everything(store: TokenStore) {
  const [access, refresh] = [new Map<string, unknown>(), new Map<string, unknown>()];
  for (const hash of HASHES) access.set(hash, await store.findAccess(hash, LATER));
  for (const name of ['first', 'second', 'third'].flatMap((turn) =>
    ['good', 'dead', 'replayed'].map((of) => `${turn} ${of}`),
  ))
    refresh.set(name, await store.findRefresh(sha256Hex(name), LATER));
  const transient = await store.findTransient('device', 'device', LATER);
  return {
    ...{ access, refresh },
    grants: await Promise.all(['gra_good', 'gra_dead', 'gra_replayed'].map((id) => store.findGrant(id))),
    consents: await Promise.all(['own_A', 'own_B', 'own_C'].map((subject) => store.listConsents(subject, 9))),
    standings: byText(await store.readStandings()),
    transient: transient && { value: transient.value, expiresAt: transient.expiresAt },
    live: [await store.countLive('cli_A', NOW), await store.countLive('cli_B', NOW)],
  };
}

const byText = (standings: readonly Standing[]) => standings.map((one) => JSON.stringify(one)).sort();

/** What `copyOut` and `copyIn` of an adapter guarantee. `open` gives a fresh, empty store. */
export function testCopy(name: string, open: () => Promise<TokenStore>): void {
  testMoving(name, open);

  test(`${name}: a store that was copied reads as the one it was copied from, however often it is copied`, async () => {
    await using from = await open();
    await using to = await open();
    await fill(from);
    await copyAll(from, to);
    assert.deepEqual(await everything(to), await everything(from));
    await copyAll(from, to);
    assert.deepEqual(await everything(to), await everything(from));
    const { access, refresh, grants, consents } = await from.sizes();
    const copied = await to.sizes();
    assert.deepEqual(
      [copied.access, copied.refresh, copied.grants, copied.consents],
      [access, refresh, grants, consents],
    );
  });

  test(`${name}: what was copied is taken once all the same, and a replay kills it`, async () => {
    await using from = await open();
    await using to = await open();
    await fill(from);
    await copyAll(from, to);
    assert.equal(await to.rememberOnce('assertion', 'jti', NOW + LIFE_MS), false);
    assert.equal((await to.consumeCode(sha256Hex('code good'), { id: 'attempt', now: LATER })).state, 'consumed');
    const again = await to.consumeCode(sha256Hex('code good'), { id: 'another', now: LATER });
    assert.equal(again.state, 'replayed');
    assert.equal((await to.findAccess(sha256Hex('access good'), LATER)).state, 'revoked');
    const reuse = sampleRotation('first good', 'third good', 'gra_good', { now: LATER });
    assert.equal((await to.rotateRefresh(reuse)).state, 'replayed');
    assert.equal(await to.takeTransient('device', 'device', LATER), '{"a":1}');
  });

  test(`${name}: a copy brings nothing back to life and undoes nothing that is newer`, async () => {
    await using from = await open();
    await using to = await open();
    const grant = sampleGrant('late');
    const refresh = sampleRefresh('late-1', grant.id);
    await from.saveIssue({
      grant,
      refresh,
      code: sampleCode('late', grant.id),
      access: grantedToken('late', grant.id),
    });
    await from.saveAccess(sampleToken('alone'));
    await from.writeStandings([standing({ generation: 3 })]);
    const old = await rowsOf(from);
    await to.copyIn(old);
    await to.revokeAccess(sha256Hex('alone'), note('priya'));
    await to.rotateRefresh(sampleRotation('late-1', 'late-2', grant.id));
    await to.writeStandings([standing({ generation: 4 })]);
    await to.copyIn(old);
    assert.equal((await to.findAccess(sha256Hex('alone'), LATER)).state, 'revoked');
    assert.equal((await to.findRefresh(refresh.hash, LATER)).state, 'revoked', 'its client was raised');
    assert.deepEqual(
      (await to.readStandings()).map(({ generation }) => generation),
      [4],
    );
    const reuse = sampleRotation('late-1', 'late-3', grant.id, { now: LATER });
    assert.notEqual((await to.rotateRefresh(reuse)).state, 'rotated');
    await to.revokeGrant(grant.id, note('maria'));
    await to.copyIn(old);
    assert.equal((await to.findAccess(sha256Hex('late'), LATER)).state, 'revoked');
  });

  test(`${name}: deaths that are copied to what was there are in the feed`, async () => {
    await using from = await open();
    await using to = await open();
    const grant = sampleGrant('both');
    for (const store of [from, to]) {
      await store.saveIssue({ grant, access: grantedToken('both', grant.id) });
      await store.saveAccess(sampleToken('alone'));
    }
    const { cursor } = await to.changesSince(undefined, 10);
    await from.revokeAccess(sha256Hex('alone'), note('priya'));
    await from.revokeGrant(grant.id, note('priya'));
    await copyAll(from, to);
    const { changes } = await to.changesSince(cursor, 10);
    const found = changes.map((change) =>
      change.kind === 'token' ? change.hash : change.kind === 'grant' ? change.id : '',
    );
    assert.deepEqual(found.sort(), [sha256Hex('alone'), grant.id].sort());
    for (const hash of ['alone', 'both'].map(sha256Hex))
      assert.equal((await to.findAccess(hash, LATER)).state, 'revoked');
  });

  test(`${name}: every row that stays is copied once, though others come and go between the pages`, async () => {
    await using store = await open();
    const names = Array.from({ length: 30 }, (_, i) => `stays ${i}`);
    for (const one of names) await store.saveAccess(sampleToken(one));
    for (let i = 0; i < 20; i += 1)
      await store.saveAccess(
        sampleToken(`goes ${i}`, { expiresAt: NOW - 100 * LIFE_MS, issuedAt: NOW - 200 * LIFE_MS }),
      );
    const seen: string[] = [];
    let turn = 0;
    for (let after: string | undefined, more = true; more; turn += 1) {
      const page = await store.copyOut('access', after, 7);
      for (const row of page.rows) if (row.kind === 'access') seen.push(row.token.hash);
      after = page.next;
      more = after !== undefined;
      await store.purge(NOW, 4);
      await store.saveAccess(sampleToken(`comes ${turn}`));
    }
    const stays = names.map(sha256Hex);
    assert.deepEqual(seen.filter((hash) => stays.includes(hash)).sort(), stays.sort());
  });
}
