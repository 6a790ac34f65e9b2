import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { changeByHand } from '#test/support/manager-database';
import { BOOTSTRAP_TOKEN, makeDataDir, type RunningManager, startTestManager } from '#test/support/running-manager';
import { run } from '../run.ts';

/** Runs the program against a server. */
async function gatewright(server: string, ...argv: string[]) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const exit = await run(argv, {
    env: { GATEWRIGHT_SERVER: server, GATEWRIGHT_TOKEN: BOOTSTRAP_TOKEN },
    stdout: { write: (text) => stdout.push(text) },
    stderr: { write: (text) => stderr.push(text) },
    isTty: false,
    columns: 100,
  });
  return { exit, stdout: stdout.join(''), stderr: stderr.join('') };
}

async function startWritten(t: TestContext): Promise<{ manager: RunningManager; file: string; keyFile: string }> {
  const folder = makeDataDir(t);
  const file = path.join(folder, 'checkpoints.jsonl');
  const manager = await startTestManager(t, {
    options: { audit: { retentionDays: undefined, checkpointFile: file, checkpointUrl: undefined } },
  });
  for (let i = 1; i <= 5; i += 1) await manager.call('POST /products', { body: { displayName: `Shop ${i}` } });
  // The first checkpoint is made within a second.
  for (let tries = 0; tries < 100; tries += 1) {
    const { body } = await manager.call('GET /audit/checkpoint');
    if (body.outside[0]?.seq >= 6) break;
    if (body.checkpoint !== undefined) manager.clock.advance(60_000);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const keyFile = path.join(folder, 'audit.pem');
  writeFileSync(keyFile, (await gatewright(manager.address, 'audit', 'public-key')).stdout);
  return { manager, file, keyFile };
}

const byHand = ({ dataDir }: RunningManager, ...statements: readonly string[]) => changeByHand(dataDir, ...statements);

test('audit verify checks every entry here, with checkpoints and the key kept outside, and ends with 0 or 4', async (t) => {
  const { manager, file, keyFile } = await startWritten(t);
  const flags = ['--checkpoint', file, '--public-key', keyFile];
  const good = await gatewright(manager.address, 'audit', 'verify', ...flags);
  assert.equal(good.exit, 0, good.stdout + good.stderr);
  assert.match(
    good.stdout,
    /\d+ entries checked, 1 to \d+\n\d+ signed checkpoints compared, [1-9]\d* kept outside\nWhole\.\n$/,
  );
  const { body } = await manager.call('POST /audit/verify', { body: {} });
  assert.equal(body.ok, true);
  assert.ok(body.outside >= 1);

  await byHand(
    manager,
    'delete from audit where seq > 4',
    'delete from audit_checkpoints',
    'update audit_chain set seq = 4, hash = (select hash from audit where seq = 4)',
  );
  const alone = await gatewright(manager.address, 'audit', 'verify');
  assert.equal(alone.exit, 0);
  assert.match(alone.stderr, /an end that was cut off does not show/);
  const cut = await gatewright(manager.address, 'audit', 'verify', '--json', ...flags);
  assert.equal(cut.exit, 4);
  assert.deepEqual([JSON.parse(cut.stdout).fault.kind, JSON.parse(cut.stdout).fault.seq], ['tail_missing', 5]);

  await byHand(manager, "update audit set actor = 'nobody' where seq = 2");
  const rewritten = await gatewright(manager.address, 'audit', 'verify');
  assert.equal(rewritten.exit, 4);
  assert.match(rewritten.stdout, /Not whole from entry 2 on: Entry 2 was changed or moved/);
  assert.equal((await manager.call('POST /audit/verify', { body: {} })).body.fault.seq, 2);
});

test('a server that says all is well while its entries are not is not believed', async (t) => {
  const { manager, file, keyFile } = await startWritten(t);
  const state = (await manager.call('GET /audit/checkpoint')).body;
  const lines = (await gatewright(manager.address, 'audit', 'export')).stdout.trim().split('\n');
  const at = lines.findIndex((line) => line.includes('Shop'));
  const forged = lines.with(at, (lines[at] ?? '').replace('Shop', 'Shup').replace('shop', 'shup'));
  const served = { lines };
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/api/v1/audit/export')) response.end(`${served.lines.join('\n')}\n`);
    else response.end(JSON.stringify(state));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const flags = ['--checkpoint', file, '--public-key', keyFile];
  assert.equal((await gatewright(address, 'audit', 'verify', ...flags)).exit, 0);
  served.lines = forged;
  assert.equal((await gatewright(address, 'audit', 'verify', ...flags)).exit, 4);
  served.lines = [];
  assert.equal((await gatewright(address, 'audit', 'verify', ...flags)).exit, 4);
  served.lines = ['{"seq":1}'];
  const rubbish = await gatewright(address, 'audit', 'verify', ...flags);
  assert.match(rubbish.stderr, /a line that is no entry/);
  assert.equal(rubbish.exit, 1);
});

test('a file that holds no checkpoints or no key is exit 64, with its line', async (t) => {
  const { manager, file, keyFile } = await startWritten(t);
  writeFileSync(file, `${readFileSync(file, 'utf8')}rubbish\n`);
  const checkpoints = await gatewright(manager.address, 'audit', 'verify', '--checkpoint', file);
  assert.equal(checkpoints.exit, 64);
  assert.match(checkpoints.stderr, /line \d+ is no checkpoint/);
  writeFileSync(keyFile, 'no key');
  assert.equal((await gatewright(manager.address, 'audit', 'verify', '--public-key', keyFile)).exit, 64);
  assert.equal((await gatewright(manager.address, 'audit', 'verify', '--checkpoint', '/nonexistent')).exit, 64);
});

test('audit lists who did what, filtered, and a hostile name plays with no terminal and no spreadsheet', async (t) => {
  const manager = await startTestManager(t);
  const description = '\u001b[2J\u202e=1+1';
  const made = await manager.call('POST /products', {
    body: { displayName: 'Evil', name: 'evil', description },
  });
  assert.equal(made.status, 201, made.text);
  const list = await gatewright(manager.address, 'audit', '--object', 'evil');
  assert.match(list.stdout, /bootstrap\tapi\tProduct evil was created\.\tproduct evil\t\d+\n$/);
  assert.equal(list.stdout.split('\n').length, 2);
  assert.equal((await gatewright(manager.address, 'audit', '--since', '1h', '--actor', 'nobody')).stdout, '');
  assert.equal((await gatewright(manager.address, 'audit', '--via', 'post')).exit, 64);
  const json = await gatewright(manager.address, 'audit', '--json', '--kind', 'product');
  assert.equal(JSON.parse(json.stdout).items.length, 1);
  const out = path.join(manager.dataDir, 'audit.csv');
  const csv = await gatewright(manager.address, 'audit', 'export', '--format', 'csv', '--out', out);
  assert.equal(csv.exit, 0);
  for (const line of readFileSync(out, 'utf8').split('\r\n')) assert.doesNotMatch(line, /(^|,)"?[=+@]/);
});
