/** Token stores that are killed, cut off or full while tokens are issued, revoked and verified. Counts are printed; what was acknowledged is there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { startCutProxy } from '../support/cut-proxy.ts';
import { startLoad } from '../support/load.ts';
import { startPostgres } from '../support/postgres.ts';
import { type Quickstart, quickstart } from '../support/quickstart.ts';
import { startRedis } from '../support/redis.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';
import { startUpstream } from '../support/upstream.ts';

const rounds = Number(process.env.GATEWRIGHT_FAULT_ROUNDS ?? 1);
const ISSUE = { GATEWRIGHT_LIMITS_ISSUE_PER_SECOND: '100000', GATEWRIGHT_LIMITS_LIVE_TOKENS: '10000000' };
/** The longest that an answer may take while a store is away: two time limits of an engine and some. */
const BOUND_MS = 4500;

const upstream = await startUpstream();
after(() => upstream[Symbol.asyncDispose]());

/** A verified call of the API with a token. */
async function call(made: Quickstart, token: string): Promise<number> {
  const answer = await request(`${made.apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body.dump();
  return answer.statusCode;
}

function ask(made: Quickstart) {
  const form = { grant_type: 'client_credentials', client_id: made.consumerKey, client_secret: made.consumerSecret };
  return request(made.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

/** Issues tokens on four connections; those that were answered. */
function issue(made: Quickstart, tokens: string[]) {
  return startLoad({
    ...{ url: made.tokenUrl, method: 'POST', connections: 4, wantedStatus: 200, limitMs: 30_000 },
    headers: () => ({ 'content-type': 'application/x-www-form-urlencoded' }),
    body: `grant_type=client_credentials&client_id=${made.consumerKey}&client_secret=${made.consumerSecret}`,
    onAnswer: (body) => tokens.push((JSON.parse(body) as { access_token: string }).access_token),
  });
}

/** Revokes a token at its end point; true when that was acknowledged. */
async function revoke(made: Quickstart, token: string): Promise<boolean> {
  const credentials = Buffer.from(`${made.consumerKey}:${made.consumerSecret}`).toString('base64');
  try {
    const answer = await request(`${made.tokenUrl}/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ token }).toString(),
    });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}

/** How many of the tokens are refused, and how many of the revoked ones are not. */
async function count(made: Quickstart, tokens: readonly string[], revoked: ReadonlySet<string>) {
  const sample = tokens.length <= 600 ? tokens : tokens.filter((_, i) => i % Math.ceil(tokens.length / 600) === 0);
  const found = { lost: 0, accepted: 0, looked: sample.length };
  for (const token of new Set([...sample, ...revoked])) {
    const status = await call(made, token);
    if (revoked.has(token)) found.accepted += status === 401 ? 0 : 1;
    else found.lost += status === 200 ? 0 : 1;
  }
  return found;
}

const servers = {
  redis: async () => {
    const server = await startRedis();
    return { url: server.url, killAndStart: () => server.killAndStart(), stop: () => server[Symbol.asyncDispose]() };
  },
  postgres: async () => {
    const server = await startPostgres();
    return { url: server.url, killAndStart: () => server.killAndStart(), stop: () => server[Symbol.asyncDispose]() };
  },
};

for (const [kind, start] of Object.entries(servers)) {
  test(`SIGKILL of ${kind} under load: nothing acknowledged is lost, nothing revoked comes back, and it recovers by itself`, async (t) => {
    const server = await start();
    let system: System | undefined;
    try {
      system = await startSystem({ env: { ...ISSUE, GATEWRIGHT_TOKEN_STORE_URL: server.url } });
      const made = await quickstart(system, upstream.url);
      const [tokens, revoked]: [string[], Set<string>] = [[], new Set()];
      let refused = 0;
      for (let round = 0; round < rounds; round += 1) {
        const load = issue(made, tokens);
        await sleep(700);
        const revoking = (async () => {
          for (const token of tokens.slice(-40)) if (await revoke(made, token)) revoked.add(token);
        })();
        const before = revoked.size;
        await eventually('some are revoked', () => revoked.size > before || undefined);
        await server.killAndStart();
        await revoking;
        await eventually('it issues again', async () => {
          const answer = await ask(made);
          await answer.body.dump();
          return answer.statusCode === 200 || undefined;
        });
        await sleep(300);
        const { failed, failures } = await load.stop();
        refused += failed;
        // What was not acknowledged was refused as the standard has it, and never by a broken answer.
        for (const failure of failures) assert.match(failure, /^503 .*temporarily_unavailable/);
      }
      const found = await count(made, tokens, revoked);
      t.diagnostic(
        `${rounds} rounds: ${tokens.length} tokens acknowledged, ${refused} refused meanwhile, ${revoked.size} revoked; of ${found.looked} looked at lost ${found.lost}, revoked and accepted ${found.accepted}`,
      );
      assert.ok(revoked.size > 0, 'something was revoked');
      assert.deepEqual([found.lost, found.accepted], [0, 0]);
    } finally {
      await system?.[Symbol.asyncDispose]();
      await server.stop();
    }
  });

  test(`a network cut between gateway and ${kind}: answers stay bounded, what is remembered passes for 5 s, then it recovers`, async (t) => {
    const server = await start();
    const { hostname, port, protocol, pathname, username } = new URL(server.url);
    await using proxy = await startCutProxy({ host: hostname, port: Number(port) });
    const user = username === '' ? '' : `${username}@`;
    const url = `${protocol}//${user}127.0.0.1:${proxy.port}${pathname}`;
    let system: System | undefined;
    try {
      system = await startSystem({ workers: 1, env: { ...ISSUE, GATEWRIGHT_TOKEN_STORE_URL: url } });
      const made = await quickstart(system, upstream.url);
      for (let round = 0; round < rounds; round += 1) await cutOnce(made, proxy, t);
    } finally {
      await system?.[Symbol.asyncDispose]();
      await server.stop();
    }
  });
}

async function cutOnce(
  made: Quickstart,
  proxy: Awaited<ReturnType<typeof startCutProxy>>,
  t: { diagnostic(message: string): void },
): Promise<void> {
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  assert.equal(await call(made, token), 200);
  proxy.cut();
  assert.equal(await call(made, token), 200, 'it is remembered');
  const times: number[] = [];
  for (let i = 0; i < 30; i += 1) {
    const begun = performance.now();
    const answer = await ask(made);
    times.push(performance.now() - begun);
    assert.equal(answer.statusCode, 503);
    assert.match(String(answer.headers['retry-after']), /^\d+$/);
    assert.equal(((await answer.body.json()) as { error: string }).error, 'temporarily_unavailable');
  }
  const slowest = Math.max(...times);
  const last = times.slice(-5);
  assert.ok(slowest < BOUND_MS, `an answer took ${slowest} ms`);
  await sleep(5500);
  const late = await call(made, token);
  assert.equal(late, 503, 'what was remembered is too old');
  proxy.mend();
  const mended = performance.now();
  await eventually('it issues again', async () => {
    const answer = await ask(made);
    await answer.body.dump();
    return answer.statusCode === 200 || undefined;
  });
  await eventually('the token passes again', async () => (await call(made, token)) === 200 || undefined);
  t.diagnostic(
    `cut off: slowest answer ${Math.round(slowest)} ms, the last five ${Math.round(Math.max(...last))} ms at most; back ${Math.round(performance.now() - mended)} ms after the cut was mended`,
  );
}

test('a full disk under the SQLite store: what does not fit is refused, what was acknowledged stays, room brings it back', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatewright-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]);
  let system: System | undefined;
  try {
    const env = { ...ISSUE, GATEWRIGHT_MIN_FREE_BYTES: '0', GATEWRIGHT_TOKEN_STORE_URL: `sqlite:${folder}/tokens.db` };
    system = await startSystem({ workers: 1, env });
    const made = await quickstart(system, upstream.url);
    const tokens: string[] = [];
    const load = issue(made, tokens);
    await eventually('the disk is full', () => load.counts.failed > 50 || undefined, 30_000);
    const { failures, failed } = await load.stop();
    for (const failure of failures) assert.match(failure, /^503 .*temporarily_unavailable/);
    const full = await count(made, tokens, new Set());
    execFileSync('mount', ['-o', 'remount,size=64m', folder]);
    await eventually('it issues again', async () => {
      const answer = await ask(made);
      await answer.body.dump();
      return answer.statusCode === 200 || undefined;
    });
    const found = await count(made, tokens, new Set());
    t.diagnostic(
      `${tokens.length} tokens acknowledged, then ${failed} refused; lost while full ${full.lost}, afterwards ${found.lost} of ${found.looked}`,
    );
    assert.ok(tokens.length > 100, `${tokens.length} tokens fitted`);
    assert.deepEqual([full.lost, found.lost], [0, 0]);
  } finally {
    await system?.[Symbol.asyncDispose]();
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  }
});
