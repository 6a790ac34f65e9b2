import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { feedDirectory, feedSubject } from '#core/change-feed';
import { HandClock } from '#core/clock';
import { noLogger } from '#core/logger';
import type { Consent, Grant, TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';
import { managerDatabase, readByHand } from '#test/support/manager-database';
import { makeDataDir, startTestManager } from '#test/support/running-manager';
import { openDatabase } from '../database.ts';
import { appendToFeed } from '../feed/append.ts';
import { forgetDeletedSubjects } from './forget-subjects.ts';

const any = { 'if-match': '*' };

async function start(t: TestContext) {
  const clock = new HandClock();
  const store = await openTokenStore('memory:', { clock, logger: noLogger, retentionMs: 0, sweepIntervalMs: 0 });
  t.after(() => store[Symbol.asyncDispose]());
  const manager = await startTestManager(t, { clock, tokenStores: [store] });
  const { body: client } = await manager.call('POST /clients', { body: { displayName: 'Mobile shop' } });
  const { body: anna } = await manager.call('POST /resource-owners', { body: { name: 'anna' } });
  assert.match(anna.id, /^own_/);
  /** The standing of anna in the token store. */
  const standing = async () =>
    (await store.readStandings()).find(({ kind, id }) => kind === 'subject' && id === anna.id);
  return { manager, store, client, anna, standing };
}

function consent(place: { client: { id: string }; anna: { id: string } }, rest: Partial<Consent> = {}): Consent {
  const whose = { subject: place.anna.id, clientId: place.client.id, projectId: 'prj_1' };
  return { ...whose, scopes: ['orders:read'], grantedAt: 1, updatedAt: 2, ...rest };
}

async function saveGrant(store: TokenStore, whose: Consent, id: string): Promise<void> {
  const { subject, clientId, projectId, scopes } = whose;
  const grant: Grant = {
    ...{ id, clientId, subject, projectId, scopes, subscriptionId: 'sub_1', productId: 'prd_1' },
    ...{
      serverGroupId: 'grp_1',
      createdAt: 1,
      generations: { client: 1, subscription: 1, subject: 0 },
      parameters: {},
    },
  };
  await store.saveIssue({ grant, refresh: { hash: id.padEnd(64, '0'), grantId: id, issuedAt: 1, expiresAt: 4e12 } });
}

const stateOf = async (store: TokenStore, id: string) => (await store.findRefresh(id.padEnd(64, '0'), 5)).state;

test('every change of the standing of a resource owner is in the token store when it is answered', async (t) => {
  const { manager, anna, standing } = await start(t);
  assert.equal(await standing(), undefined, 'nothing until it changes: active, generation 0');
  const act = (name: string, body: object = {}) => manager.call(`POST /resource-owners/anna/${name}`, { body });
  await act('disable', { reason: 'left' });
  const disabled = await standing();
  assert.deepEqual([disabled?.active, disabled?.generation, disabled?.reason], [false, 0, 'left']);
  await act('enable');
  assert.equal((await standing())?.active, true);
  const revoked = await act('revoke-tokens', { reason: 'lost phone' });
  assert.deepEqual([revoked.body.generation, revoked.body.stateReason], [1, 'lost phone']);
  assert.equal((await standing())?.generation, 1);
  await act('password', { password: 'a long walk by the sea' });
  assert.equal((await standing())?.generation, 2);
  assert.equal((await manager.call(`DELETE /resource-owners/${anna.id}`, { headers: any })).status, 204);
  const gone = await standing();
  assert.deepEqual([gone?.active, gone?.generation], [false, 3], 'and stays so: a subject is never used again');
  const audit = await manager.call('GET /audit?limit=20');
  assert.match(audit.text, /Resource owner anna had all their tokens revoked: lost phone\./);
});

test('gateways hear of directories that are on, and of subjects whose standing changed; never of a password or secret', async (t) => {
  const { manager, anna } = await start(t);
  const fed = async (kind: string) => {
    const rows = await readByHand(manager.dataDir, 'select payload from feed where kind = ? order by id', kind);
    return rows.map(({ payload }): unknown => (payload === null ? undefined : JSON.parse(String(payload))));
  };
  const [local] = (await fed('directory')).map((payload) => feedDirectory.parse(payload));
  assert.deepEqual([local?.name, local?.displayName, local?.kind], ['local', 'Local', 'local']);
  assert.deepEqual(await fed('subject'), []);
  await manager.call('POST /resource-owners/anna/disable', { body: { reason: 'left' } });
  const [subject] = (await fed('subject')).map((payload) => feedSubject.parse(payload));
  assert.deepEqual([subject?.id, subject?.active, subject?.generation], [anna.id, false, 0]);
  await manager.call('PATCH /directories/local', { body: { active: false }, headers: any });
  assert.deepEqual(await fed('directory'), [undefined]);
  await manager.call('PATCH /directories/local', { body: { active: true }, headers: any });
  assert.equal((await fed('directory')).length, 1);
});

test('the standing of somebody who was deleted leaves the feed once no token of theirs can be left', async (t) => {
  await using db = await openDatabase(await managerDatabase(makeDataDir(t)));
  const standing = (id: string, changedAt: number) => {
    const payload = { id, active: false, generation: 1, changedBy: 'a', changedAt };
    return { kind: 'subject', id, serverGroupId: undefined, payload } as const;
  };
  const entries = [standing('own_OLD', 10), standing('own_NEW', 90)];
  await db.write.transaction().execute((tx) => appendToFeed(tx, entries, 100));
  assert.equal(await forgetDeletedSubjects(db, { before: 50, now: 200 }), 2);
  const rows = await db.read.selectFrom('feed').select(['id', 'payload', 'deleted_at']).orderBy('id').execute();
  assert.deepEqual(
    rows.map(({ id, payload, deleted_at }) => [id, payload === null, deleted_at === null ? null : Number(deleted_at)]),
    [
      ['own_NEW', false, null],
      ['own_OLD', true, 200],
    ],
  );
  assert.equal(await forgetDeletedSubjects(db, { before: 50, now: 300 }), undefined);
});

test('what somebody allowed is shown by name, and taken back with its grants', async (t) => {
  const place = await start(t);
  const { manager, store, client } = place;
  const whose = consent(place);
  await store.saveConsent(whose);
  await saveGrant(store, whose, 'gra_1');
  const list = () => manager.call('GET /resource-owners/anna/consents');
  assert.deepEqual((await list()).body.items, [
    {
      ...{ client: client.name, clientDisplayName: 'Mobile shop', project: 'prj_1', scopes: ['orders:read'] },
      ...{ grantedAt: 1, updatedAt: 2 },
    },
  ]);
  const take = (body: object) => manager.call('POST /resource-owners/anna/revoke-consent', { body });
  assert.equal((await take({ client: 'another', project: 'prj_1' })).status, 404);
  assert.equal((await take({ client: client.name, project: 'prj_1', reason: 'mine' })).status, 204);
  assert.deepEqual((await list()).body.items, []);
  assert.equal(await stateOf(store, 'gra_1'), 'revoked');
});

test('grants to one client or to all are revoked; what is deleted leaves none', async (t) => {
  const place = await start(t);
  const { manager, store, client } = place;
  const mine = consent(place);
  await saveGrant(store, mine, 'gra_1');
  await saveGrant(store, consent(place, { clientId: 'cli_other' }), 'gra_2');
  const revoke = (body: object) => manager.call('POST /resource-owners/anna/revoke-grants', { body });
  assert.deepEqual((await revoke({ client: client.name })).body, { revoked: 1 });
  assert.deepEqual([await stateOf(store, 'gra_1'), await stateOf(store, 'gra_2')], ['revoked', 'live']);
  assert.deepEqual((await revoke({})).body, { revoked: 1 });
  assert.equal((await revoke({ client: 'nobody' })).status, 404);
  await saveGrant(store, mine, 'gra_3');
  await store.saveConsent(mine);
  await manager.call('DELETE /resource-owners/anna', { headers: any });
  assert.equal(await stateOf(store, 'gra_3'), 'revoked');
  assert.deepEqual(await store.listConsents(place.anna.id, 10), []);
});
