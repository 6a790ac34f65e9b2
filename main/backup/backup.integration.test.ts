import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CliError } from '#cli/cli-error';
import { tokenStorePasswordContext } from '#core/change-feed';
import { HandClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import { systemRandom } from '#core/random';
import { BACKED_UP_TABLES, LEFT_OUT_TABLES } from '#manager/backup/tables';
import { openDatabase } from '#manager/database';
import { writeKeyCheck } from '#manager/key-check';
import { migrations } from '#manager/migrations/list';
import { createLogger } from '#telemetry/logger';
import { NOW, sampleCode, sampleGrant, sampleRefresh, sampleToken } from '#test/contract/sample-token';
import { eventually } from '#test/support/system';
import { readConfig } from '../config.ts';
import { dataDirAt } from '../data-dir.ts';
import { openMasterKeyFile } from '../master-key.ts';
import { tokenStoreOpener } from '../token-store.ts';
import { writeArchive } from './archive-writer.ts';
import { backUp } from './back-up.ts';
import { restore } from './restore.ts';

// Backups of real data, as they are and with something wrong.

const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-archive-'));
const clock = new HandClock(NOW);
const common = { clock, logger: createLogger({ level: 'silent', name: 'test' }), say: () => {} };
const configOf = (dir: string) => readConfig({ env: { GATEWRIGHT_DATA_DIR: dir } });
const source = path.join(folder, 'source');
const whole = path.join(folder, 'whole.gz');
let places = 0;

const storeOf = (dir: string) =>
  tokenStoreOpener(configOf(dir), dataDirAt(dir), { ...common, sweepIntervalMs: 0 })('configured', undefined);

/** A place with the master key and nothing else. */
function newPlace(): string {
  places += 1;
  const dir = path.join(folder, `place-${places}`);
  mkdirSync(dir, { mode: 0o700 });
  writeFileSync(path.join(dir, 'master.key'), readFileSync(path.join(source, 'master.key')), { mode: 0o600 });
  return dir;
}

const take = (dir: string, to: string, withoutTokens = false) =>
  backUp({ ...common, config: configOf(dir), to, withoutTokens });
const restoreInto = (dir: string, from: string, keepTokens = false) =>
  restore({ ...common, config: configOf(dir), from, keepTokens, withoutTokens: false, replace: false });

before(async () => {
  mkdirSync(source, { mode: 0o700 });
  const box = openMasterKeyFile(path.join(source, 'master.key'), { create: true, random: systemRandom }).box();
  {
    await using db = await openDatabase(path.join(source, 'manager.db'));
    await db.transaction(async (tx) => {
      await writeKeyCheck(tx, box);
      await tx.insertInto('feed_meta').values({ id: 1, epoch: 'fee_before', seq: 7, horizon: 0 }).execute();
      await tx.insertInto('settings').values({ name: 'setup', value: '{}' }).execute();
    });
    await using store = await storeOf(source);
    await store.saveIssue({ grant: sampleGrant('a'), code: sampleCode('code', 'gra_a') });
    await store.saveIssue({
      refresh: sampleRefresh('refresh', 'gra_a'),
      access: sampleToken('granted', { grantId: 'gra_a' }),
    });
    await store.saveAccess(sampleToken('alone'));
    await store.rememberOnce('assertion', 'jti', NOW + 60_000);
    await store.saveTransient({ kind: 'session', id: 'one', value: '{}', expiresAt: NOW + 60_000 });
    await take(source, whole);
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('every table of the manager is backed up, or left out by name', async () => {
  await using db = await openDatabase(path.join(source, 'manager.db'));
  const tables = await db.read.introspection.getTables();
  const known = [...BACKED_UP_TABLES.map(({ name }) => name), ...LEFT_OUT_TABLES];
  assert.deepEqual(tables.map(({ name }) => name).sort(), known.sort());
});

test('a backup holds no session and no master key, writes over nothing, and leaves no half file behind', async () => {
  const text = gunzipSync(readFileSync(whole)).toString();
  assert.ok(!text.includes('"transient"'));
  const [, key = ''] = readFileSync(path.join(source, 'master.key'), 'utf8').trim().split(':');
  assert.ok(!text.includes(key));
  await assert.rejects(take(source, whole), /is there already/);
  const half = path.join(folder, 'half.gz');
  await assert.rejects(
    writeArchive(half, () => Promise.reject(new Error('the disk is full'))),
    /the disk is full/,
  );
  await assert.rejects(take(path.join(folder, 'nothing'), half), ConfigurationError);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('half')),
    [],
  );
});

test('Ctrl-C in the middle of a backup ends the process as ever, and leaves no file behind', async () => {
  const place = path.join(folder, 'interrupted');
  mkdirSync(place);
  const writer = JSON.stringify(import.meta.resolve('./archive-writer.ts'));
  const file = JSON.stringify(path.join(place, 'backup.gz'));
  const script = `const { writeArchive } = await import(${writer});
    setInterval(() => {}, 1000); // the backup goes on and on
    await writeArchive(${file}, () => new Promise(() => {}));`;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    await eventually('half a file', () => readdirSync(place).length > 0 || undefined);
    child.kill(name);
    assert.deepEqual(await ended, [null, name]);
    assert.deepEqual(readdirSync(place), []);
  }
});

test('a token store that is away, or whose password does not open, ends a backup unless tokens are left out', async () => {
  const dir = newPlace();
  await restoreInto(dir, whole);
  const box = openMasterKeyFile(path.join(dir, 'master.key'), { create: false, random: systemRandom }).box();
  {
    await using db = await openDatabase(path.join(dir, 'manager.db'));
    await db.write
      .insertInto('token_stores')
      .values({
        ...{ id: 'tks_away', name: 'away', display_name: 'Away', display_key: 'away', search: 'away', revision: 1 },
        ...{ created_at: NOW, created_by: 'test', updated_at: NOW, updated_by: 'test', kind: 'postgres' },
        data: JSON.stringify({
          postgres: { host: '127.0.0.1', port: 1, database: 'x', schema: 'x', user: 'x', poolSize: 2 },
        }),
        credentials: box.seal(Buffer.from('a password'), tokenStorePasswordContext('tks_away')),
        ...{ is_default: 0, default_until: null, moves_to: null, moved_at: null, move: null },
      })
      .execute();
  }
  const file = path.join(folder, 'without.gz');
  await assert.rejects(take(dir, file), /The token store away cannot be reached/);
  const said = await take(dir, file, true);
  assert.deepEqual(said.counts.stores, {});
  assert.ok(!gunzipSync(readFileSync(file)).toString().includes('a password'));
  rmSync(path.join(dir, 'master.key'));
  await assert.rejects(take(dir, path.join(folder, 'half.gz')), /master\.key does not exist/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('half')),
    [],
  );
});

test('restored tokens are dead, with who and why; codes are used; ids that were taken stay taken; sessions are gone', async () => {
  const dir = newPlace();
  const said = await restoreInto(dir, whole);
  assert.notEqual(said.feed.epoch, 'fee_before');
  await using store = await storeOf(dir);
  for (const seed of ['alone', 'granted']) {
    const found = await store.findAccess(sampleToken(seed).hash, NOW);
    assert.equal(found.state, 'revoked');
    assert.match(found.state === 'revoked' ? (found.reason ?? '') : '', /restored from the backup of 2023-11-14T/);
  }
  assert.equal((await store.findRefresh(sampleRefresh('refresh', 'gra_a').hash, NOW)).state, 'revoked');
  const code = await store.consumeCode(sampleCode('code', 'gra_a').hash, { id: 'attempt', now: NOW });
  assert.notEqual(code.state, 'consumed');
  assert.equal(await store.rememberOnce('assertion', 'jti', NOW + 60_000), false);
  assert.equal(await store.findTransient('session', 'one', NOW), undefined);
  await using db = await openDatabase(path.join(dir, 'manager.db'));
  assert.deepEqual(await db.read.selectFrom('settings').select('name').where('name', '=', 'setup').execute(), []);
  const { epoch, seq } = await db.read.selectFrom('feed_meta').selectAll().executeTakeFirstOrThrow();
  assert.deepEqual([epoch, seq], [said.feed.epoch, 7]);
});

test('kept tokens live, and a code is used all the same', async () => {
  const dir = newPlace();
  await restoreInto(dir, whole, true);
  await using store = await storeOf(dir);
  assert.equal((await store.findAccess(sampleToken('alone').hash, NOW)).state, 'live');
  assert.equal((await store.findRefresh(sampleRefresh('refresh', 'gra_a').hash, NOW)).state, 'live');
  assert.notEqual((await store.consumeCode(sampleCode('code', 'gra_a').hash, { id: 'a', now: NOW })).state, 'consumed');
});

/** Restores a file with something wrong, and looks that it is refused with nothing written. */
async function refuses(bytes: Uint8Array, code: string | undefined, words: RegExp): Promise<void> {
  const dir = newPlace();
  const from = path.join(dir, 'wrong.gz');
  writeFileSync(from, bytes);
  await assert.rejects(restoreInto(dir, from), (error: unknown) => {
    assert.ok(error instanceof CliError || error instanceof ConfigurationError, String(error));
    assert.match(error.message, words);
    if (code !== undefined) assert.equal(error instanceof CliError ? error.code : undefined, code);
    return true;
  });
  const left = readdirSync(dir).filter((name) => !/^(master\.key|wrong\.gz|manager\.lock.*)$/.test(name));
  assert.deepEqual(left, []);
}

test('a backup that is cut off anywhere is refused, and nothing is written', async () => {
  const bytes = readFileSync(whole);
  for (let part = 0; part < 20; part += 1) {
    const end = Math.floor((bytes.length * part) / 20);
    await refuses(bytes.subarray(0, end), 'backup_damaged', /cut off|compressed data/);
  }
  await refuses(bytes.subarray(0, -1), 'backup_damaged', /cut off/);
});

test('a byte that was flipped anywhere is found, and nothing is written', async () => {
  const bytes = readFileSync(whole);
  for (let part = 1; part < 20; part += 1) {
    const flipped = Buffer.from(bytes);
    const at = Math.floor((bytes.length * part) / 20);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    await refuses(flipped, 'backup_damaged', /cannot be used/);
  }
});

/** The backup with its lines changed; the checksum is made right again. */
function forged(change: (lines: object[]) => object[]): Uint8Array {
  const lines = gunzipSync(readFileSync(whole)).toString().trim().split('\n');
  const { end } = JSON.parse(lines.pop() ?? '') as { end: object };
  const text = change(lines.map((line) => JSON.parse(line) as object)).map((line) => `${JSON.stringify(line)}\n`);
  const sha256 = createHash('sha256').update(text.join('')).digest('hex');
  return gzipSync(`${text.join('')}${JSON.stringify({ end: { ...end, sha256 } })}\n`);
}

const header = (changes: object) => forged(([first, ...rest]) => [{ ...first, ...changes }, ...rest]);
const renamed = (from: string, to: string) =>
  forged((lines) => lines.map((line) => JSON.parse(JSON.stringify(line).replaceAll(from, to)) as object));

const wrongs: readonly (readonly [what: string, () => Uint8Array, string | undefined, RegExp])[] = [
  [
    'of a newer format',
    () => header({ version: 2, program: '9.0.0' }),
    'backup_newer',
    /format 2, written by Gatewright 9\.0\.0/,
  ],
  ['of newer data', () => header({ migrations: ['0001-configuration', '9999-later'] }), undefined, /9999-later/],
  ['with an unknown word in its header', () => header({ more: 1 }), 'backup_damaged', /does not know/],
  [
    'with an unknown kind of row',
    () => renamed('"kind":"refresh"', '"kind":"magic"'),
    'backup_damaged',
    /rows of tokens/,
  ],
  [
    'with an unknown field of a token',
    () => renamed('"issuedAt"', '"eternal":1,"issuedAt"'),
    'backup_damaged',
    /rows of tokens/,
  ],
  ['with an unknown column', () => renamed('"horizon":', '"horizons":'), undefined, /unknown column "horizons"/],
  [
    'with a line that is missing',
    () => forged((lines) => lines.slice(0, -1)),
    'backup_damaged',
    /other numbers of rows/,
  ],
  ['that is no backup', () => gzipSync('{"some":"thing"}\n'), 'backup_damaged', /does not begin as a backup/],
  ['that is not compressed', () => Buffer.from('hello, world'), 'backup_damaged', /compressed data/],
  [
    'with another file behind it',
    () => Buffer.concat([readFileSync(whole), readFileSync(whole)]),
    'backup_damaged',
    /behind its end/,
  ],
];
for (const [what, make, code, words] of wrongs)
  test(`a backup ${what} is refused, and nothing is written`, () => refuses(make(), code, words));

test('a backup of a table that there is not is refused', async () => {
  const lines = (lines: object[]) =>
    lines.map((line) => ('table' in line && line.table === 'feed_meta' ? { ...line, table: 'sessions' } : line));
  const text = gunzipSync(forged(lines))
    .toString()
    .replace(/"feed_meta":1/, '"sessions":1');
  await refuses(gzipSync(text), undefined, /unknown table "sessions"/);
});

test('a backup of an older version is brought up to this one', async () => {
  const names = Object.keys(migrations);
  const dir = newPlace();
  const from = path.join(dir, 'older.gz');
  writeFileSync(from, header({ migrations: names.slice(0, names.indexOf('0012-token-stores')) }));
  await restoreInto(dir, from);
  await using db = await openDatabase(path.join(dir, 'manager.db'));
  assert.deepEqual(await db.read.selectFrom('token_stores').selectAll().execute(), []);
  assert.ok(!readdirSync(dir).some((name) => name.includes('.before-')), 'nothing is left to migrate');
  await using store = await storeOf(dir);
  assert.equal((await store.findAccess(sampleToken('alone').hash, NOW)).state, 'revoked');
});
