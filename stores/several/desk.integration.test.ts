import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { systemClock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import type { TokenStorePlace } from '#core/model/token-store';
import { systemRandom } from '#core/random';
import { openTokenStore } from '../open.ts';
import { openTokenStoreDesk } from './desk.ts';

const NOW = 1_700_000_000_000;
const session = { kind: 'session', id: 'a', value: '{"a":1}', expiresAt: NOW + 60_000 } as const;

async function openDesk(dataDir: string) {
  const options = { clock: systemClock, logger: noLogger, retentionMs: 1000, dataDir };
  return openTokenStoreDesk({
    ...{ clock: systemClock, random: systemRandom, logger: noLogger, metrics: noMetrics },
    configured: { kind: 'sqlite', place: 'tokens.db' },
    open: (name, place) => {
      if (name === 'broken') throw new ConfigurationError('of a newer version');
      return openTokenStore(place ?? 'sqlite:tokens.db', options);
    },
  });
}

const sqlite = (file: string): TokenStorePlace => ({ kind: 'sqlite', sqlite: { file } });

test('stores are opened and closed as they are wanted; what one kept is there when it is wanted again', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'token-store-desk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  process.chdir(folder);
  await using desk = await openDesk(folder);
  assert.deepEqual(
    desk.opened().map(({ name, kind }) => [name, kind]),
    [['configured', 'sqlite']],
  );
  const configured = { name: 'configured', place: undefined, isDefault: false };
  await desk.use([configured, { name: 'other', place: sqlite('other.db'), isDefault: true }]);
  await desk.saveTransient(session);
  assert.equal((await desk.findTransient('session', 'a', NOW))?.value, session.value);
  await desk.use([{ ...configured, isDefault: true }]);
  assert.equal(await desk.findTransient('session', 'a', NOW), undefined);
  await desk.use([configured, { name: 'renamed', place: sqlite('other.db'), isDefault: true }]);
  assert.equal((await desk.findTransient('session', 'a', NOW))?.value, session.value);
});

test('a store that cannot be opened says why, and the others go on', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'token-store-desk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  process.chdir(folder);
  await using desk = await openDesk(folder);
  await desk.use([
    { name: 'configured', place: undefined, isDefault: true },
    { name: 'broken', place: sqlite('x.db'), isDefault: false },
  ]);
  const [, broken] = desk.opened();
  assert.deepEqual([broken?.isAnswering, broken?.problem], [false, 'of a newer version']);
  await desk.saveTransient(session);
  await assert.rejects(async () => desk.preferring('broken').saveAccess({} as never), UnavailableError);
});

test('a test writes and takes away a record, or says what is wrong', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'token-store-desk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  process.chdir(folder);
  await using desk = await openDesk(folder);
  const good = await desk.test(sqlite('new.db'));
  assert.deepEqual({ ...good, ms: 0 }, { isReached: true, ms: 0, warnings: [] });
  const bad = await desk.test(sqlite('tokens.db/inside.db'));
  assert.equal(bad.isReached, false);
  assert.notEqual(bad.problem ?? '', '');
});
