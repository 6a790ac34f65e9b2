import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseEnv } from 'node:util';
import { startLoad } from '../support/load.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { measureSpread } from '../support/refusal.ts';
import { type CommandResult, eventually, type System, startSystem } from '../support/system.ts';
import { getToken, postForm } from '../support/token.ts';

// Journey 4: a consumer secret is replaced while its client runs.

let system: System;
let made: Quickstart;
let folder: string;
/** The newest secret. */
let secretB = '';

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-rotate-'));
  system = await startSystem();
  made = await quickstart(system, 'echo:');
});

after(async () => {
  await system[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const tokenWith = (secret: string) => getToken(made.tokenUrl, made.consumerKey, secret);

async function callWith(token: string): Promise<number> {
  const answer = await fetch(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

/** Rotates into a file, and gives the new secret from there. */
async function rotate(...options: string[]): Promise<{ secret: string; said: CommandResult }> {
  const file = join(folder, '.env');
  const said = await system.run(0, 'client', 'rotate', 'mobile-shop', ...options, '--out', file);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const variables = parseEnv(readFileSync(file, 'utf8'));
  assert.equal(variables.GATEWRIGHT_CONSUMER_KEY, made.consumerKey);
  const secret = variables.GATEWRIGHT_CONSUMER_SECRET ?? '';
  assert.ok(!(said.stdout + said.stderr).includes(secret), 'the secret is not on the terminal');
  return { secret, said };
}

test('a client that runs notices nothing of a rotation, and both secrets get tokens', async () => {
  const load = startLoad({
    url: made.tokenUrl,
    method: 'POST',
    connections: 2,
    wantedStatus: 200,
    limitMs: 30_000,
    pauseMs: 50,
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
  });
  assert.match((await system.run(64, 'client', 'rotate', 'mobile-shop')).stderr, /say where it goes/);
  const { secret, said } = await rotate('--keep-old', '24h');
  secretB = secret;
  assert.match(said.stdout, /The old secrets work for another 24h/);
  // An answer of the manager may be a moment ahead of the gateways.
  await eventually('the new secret gets a token', () => tokenWith(secretB).catch(() => undefined), 2_000);
  assert.equal(await callWith(await tokenWith(secretB)), 200);
  assert.equal(await callWith(await tokenWith(made.consumerSecret)), 200);
  const counts = await load.stop();
  assert.deepEqual(counts.failures, []);
  assert.ok(counts.good > 10);
});

test('the list says which secret is which, until when it works and when it was used last', async () => {
  const list = await eventually('both were used', async () => {
    const { stdout } = await system.run(0, 'client', 'secrets', 'mobile-shop');
    return /never/.test(stdout) ? undefined : stdout;
  });
  const when = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`;
  const [old = '', current = ''] = list.trim().split('\n');
  assert.match(
    old,
    new RegExp(`secret-1\t…${made.consumerSecret.slice(-3)}\tworks until ${when}.*\t${when}.* from 127.0.0.1`),
  );
  assert.match(current, new RegExp(`secret-2\t…${secretB.slice(-3)}\tcurrent\t${when}.* from 127.0.0.1`));
  assert.ok(!list.includes(secretB));
});

test('an ended secret is refused and explained; tokens issued with it live on', async () => {
  const token = await tokenWith(made.consumerSecret);
  const asked = await system.run(64, 'client', 'end-secret', 'mobile-shop', 'secret-1');
  assert.match(asked.stderr, /secret-1 was last used .* from 127\.0\.0\.1.* Add --yes/s);
  const ended = await system.run(0, 'client', 'end-secret', 'mobile-shop', 'secret-1', '--reason', 'rotated', '--yes');
  assert.match(ended.stdout, /Tokens issued with it stay valid until they expire/);
  const refused = await eventually('refused', async () => {
    const answer = await postForm(made.tokenUrl, {
      grant_type: 'client_credentials',
      client_id: made.consumerKey,
      client_secret: made.consumerSecret,
    });
    return answer.status === 401 ? answer : undefined;
  });
  assert.equal(refused.body.error, 'invalid_client');
  const id = refused.headers.get('x-request-id') ?? '';
  const why = await eventually('explained', async () => {
    const { code, stdout } = await system.cli(['why', id]);
    return code === 0 ? stdout : undefined;
  });
  assert.match(why, /Mobile shop used the old secret secret-1, which ended at \d{4}-\d\d-\d\d/);
  assert.equal(await callWith(token), 200);
});

test('ended with its tokens, they die within a second on every worker', async (t) => {
  const token = await tokenWith(secretB);
  const spread = await measureSpread({ url: `${made.apiUrl}/1`, token }, async () => {
    secretB = (await rotate('--keep-old', '0', '--revoke-tokens')).secret;
  });
  t.diagnostic(`the last call passed ${spread.lastPassedMs} ms after the command began, of ${spread.calls}`);
  assert.ok(spread.lastPassedMs < 1_000, `${spread.lastPassedMs} ms`);
  assert.deepEqual([...spread.refused], [401]);
  const fresh = await eventually('the new secret gets a token', () => tokenWith(secretB).catch(() => undefined), 2_000);
  assert.equal(await callWith(fresh), 200);
});

test('a sixth secret is refused, saying which to end', async () => {
  for (let i = 0; i < 4; i += 1) await rotate('--keep-old', '1h');
  const refused = await system.run(4, 'client', 'rotate', 'mobile-shop', '--out', join(folder, 'sixth.env'));
  assert.match(refused.stderr, /at most 5 secrets.*End one first: secret-3, secret-4/);
  assert.match(refused.stderr, /code limit_reached · exit 4/);
  assert.throws(() => statSync(join(folder, 'sixth.env')), /ENOENT/);
});
