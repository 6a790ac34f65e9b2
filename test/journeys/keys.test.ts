import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startLoad } from '../support/load.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { environment, eventually, runCommand, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

// The master key: rotated while serving, kept elsewhere, and never taken for another one (decision 33).

let dataDir: string;
let elsewhere: string;
let made: Quickstart;
let token: string;

before(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'gatewright-keys-'));
  elsewhere = mkdtempSync(join(tmpdir(), 'gatewright-keys-elsewhere-'));
});

after(() => {
  for (const folder of [dataDir, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

const newLine = (id: string) => `${id}:${Buffer.alloc(32, id).toString('base64')}\n`;
const inFile = () => join(elsewhere, 'key');

/** Starts, calls with the old token and with a new one, stops. */
async function serves(env: NodeJS.ProcessEnv): Promise<void> {
  await using system = await startSystem({ dataDir, env, workers: 1 });
  await works(system, token);
  await works(system, await freshToken(system));
}

async function works(system: System, bearer: string): Promise<void> {
  const url = system.gateway + new URL(made.apiUrl).pathname;
  await eventually('the call passes', async () => {
    const answer = await fetch(`${url}/1`, { headers: { authorization: `Bearer ${bearer}` } });
    return answer.status === 200 || undefined;
  });
}

const freshToken = (system: System) =>
  getToken(system.gateway + new URL(made.tokenUrl).pathname, made.consumerKey, made.consumerSecret);

/** A start that must fail; gives what it said. */
async function failedStart(env: NodeJS.ProcessEnv): Promise<string> {
  const result = await runCommand(['start'], { env: environment(dataDir, { env, workers: 1 }) });
  assert.equal(result.code, 1, result.stdout);
  assert.match(result.stderr, /✖ Gatewright could not start: .*\n\ncode start_failed · exit 1/);
  return result.stderr;
}

test('a rotation fails no call and no token request, and what was sealed before still opens', async () => {
  await using system = await startSystem({ dataDir });
  made = await quickstart(system, 'echo:');
  token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const calls = startLoad({
    ...{ url: `${made.apiUrl}/1`, connections: 3, wantedStatus: 200, limitMs: 30_000, pauseMs: 2 },
    headers: () => ({ authorization: `Bearer ${token}` }),
  });
  const tokens = startLoad({
    ...{ url: made.tokenUrl, method: 'POST', connections: 2, wantedStatus: 200, limitMs: 30_000, pauseMs: 25 },
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
    onAnswer: (body) => {
      token = (JSON.parse(body) as { access_token: string }).access_token; // the calls take the newest
    },
  });
  for (let i = 0; i < 3; i += 1) {
    const { stdout } = await system.run(0, 'key', 'rotate');
    const [, id] = /Rotated: master key (mk_[0-9A-Z]{8}) is in use\./.exec(stdout) ?? [];
    assert.ok(readFileSync(join(dataDir, 'master.key'), 'utf8').startsWith(`${id}:`), stdout);
  }
  const [called, issued] = [await calls.stop(), await tokens.stop()];
  assert.deepEqual([...called.failures, ...issued.failures], []);
  assert.ok(called.good > 50 && issued.good > 10, `${called.good} calls, ${issued.good} tokens`);
  assert.equal(statSync(join(dataDir, 'master.key')).mode & 0o777, 0o600);
});

test('kept elsewhere, a new key that was put first by hand takes over at the next start; then the old one may go', async () => {
  renameSync(join(dataDir, 'master.key'), inFile());
  const old = readFileSync(inFile(), 'utf8');
  writeFileSync(inFile(), newLine('by-hand') + old);
  await serves({ GATEWRIGHT_MASTER_KEY_FILE: inFile() });
  writeFileSync(inFile(), newLine('by-hand'));
  await serves({ GATEWRIGHT_MASTER_KEY_FILE: inFile() });
  assert.ok(!existsSync(join(dataDir, 'master.key')), 'no other one was made');
});

test('another key, none, or half a one: the start is refused and says what is wrong', async () => {
  const right = readFileSync(inFile(), 'utf8');
  assert.match(
    await failedStart({ GATEWRIGHT_MASTER_KEY_FILE: join(elsewhere, 'nothing') }),
    /The master key file .*nothing does not exist/,
  );
  writeFileSync(inFile(), newLine('other'));
  assert.match(
    await failedStart({ GATEWRIGHT_MASTER_KEY_FILE: inFile() }),
    /The master key is not the one that this data directory was sealed with/,
  );
  writeFileSync(inFile(), right.slice(0, 20));
  assert.match(await failedStart({ GATEWRIGHT_MASTER_KEY_FILE: inFile() }), /key, line 1, must be "id:" and 32 bytes/);
  writeFileSync(inFile(), right);
});

test('a rotation that cannot write the key changes nothing and says so', async () => {
  // A name that leaves no room for the one beside it, as a folder that cannot be written would.
  const long = join(elsewhere, 'k'.repeat(250));
  renameSync(inFile(), long);
  {
    await using system = await startSystem({ dataDir, env: { GATEWRIGHT_MASTER_KEY_FILE: long }, workers: 1 });
    const refused = await system.cli(['key', 'rotate']);
    assert.match(refused.stderr, /The master key file .* cannot be written: ENAMETOOLONG.* code unavailable/s);
    assert.notEqual(refused.code, 0);
    await works(system, await freshToken(system));
  }
  renameSync(long, inFile());
});
