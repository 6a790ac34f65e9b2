// How many tokens a second a token store takes (SQLite, or what --url names), each durable before its promise resolves, how many it finds, and how many codes are
// exchanged and refresh tokens rotated.
//   node bench/token-store.ts [--seconds 3] [--rows 0] [--processes 1] [--dir .] [--url postgres://…]
// `--rows` fills the table first; `--processes` writes from several processes into one file and adds up; `--url` measures another engine.

import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '#core/clock';
import { newOpaqueToken, sha256Hex } from '#core/credential';
import { base62, newId } from '#core/id';
import { noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import type { AccessToken, Grant, RefreshToken, TokenStore } from '#core/token-store';
import { openTokenStore } from '#stores/open';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rows: { type: 'string', default: '0' },
    processes: { type: 'string', default: '1' },
    dir: { type: 'string', default: '.' },
    file: { type: 'string' },
    url: { type: 'string' },
  },
});
const durationMs = Number(values.seconds) * 1000;
const keys = { current: systemRandom.bytes(32), previous: undefined };

interface Rate {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

function token(clientId: string): AccessToken {
  const issuedAt = systemClock.now();
  return {
    hash: sha256Hex(newOpaqueToken(54, keys, systemRandom)),
    clientId,
    subscriptionId: 'sub_0123456789ABCDEF',
    productId: 'prd_0123456789ABCDEF',
    secretId: 'sec_0123456789ABCDEF',
    serverGroupId: 'grp_0123456789ABCDEF',
    projectId: 'prj_0123456789ABCDEF',
    subject: undefined,
    scopes: ['orders:read'],
    issuedAt,
    expiresAt: issuedAt + 3_600_000,
    generations: { client: 1, subscription: 1, secret: 1 },
    parameters: {},
  };
}

const saveOne = (store: TokenStore) => store.saveAccess(token('cli_0123456789ABCDEF'));

/** A grant with what it begins with. */
function newGrant(): { readonly grant: Grant; readonly access: AccessToken; readonly refresh: RefreshToken } {
  const access = token('cli_0123456789ABCDEF');
  const { clientId, subscriptionId, productId, serverGroupId, projectId, scopes, generations, parameters } = access;
  const id = newId('gra', systemRandom);
  const owner = { subject: 'own_0123456789ABCDEF', scopes, generations, parameters };
  return {
    grant: {
      ...{ id, clientId, subscriptionId, productId, serverGroupId, projectId },
      ...owner,
      createdAt: access.issuedAt,
    },
    access: { ...access, subject: owner.subject, grantId: id },
    refresh: newRefresh(id, access.issuedAt),
  };
}

function newRefresh(grantId: string, issuedAt: number): RefreshToken {
  return { hash: sha256Hex(base62(systemRandom, 46)), grantId, issuedAt, expiresAt: issuedAt + 86_400_000 };
}

/** What the token end point does for a code: the code is there, is consumed, and tokens are saved. */
async function exchangeOne(store: TokenStore): Promise<void> {
  const { grant, access, refresh } = newGrant();
  const code = {
    ...newRefresh(grant.id, grant.createdAt),
    redirectUri: 'https://shop.example/cb',
    codeChallenge: 'S256',
  };
  await store.saveIssue({ grant, code });
  await store.consumeCode(code.hash, { id: grant.id, now: grant.createdAt });
  await store.saveIssue({ access, refresh });
}

/** Makes the rotations of one caller: each rotates what the last one got. */
function rotateOnes(store: TokenStore): () => Promise<void> {
  let last: { readonly access: AccessToken; readonly refresh: RefreshToken } | undefined;
  return async () => {
    if (last === undefined) {
      const begun = newGrant();
      await store.saveIssue(begun);
      last = begun;
    }
    const { grantId } = last.refresh;
    const access = { ...token('cli_0123456789ABCDEF'), subject: last.access.subject, grantId };
    const now = access.issuedAt;
    await store.findRefresh(last.refresh.hash, now);
    const refresh = newRefresh(grantId, now);
    const rotation = { hash: last.refresh.hash, attemptId: access.hash, now, graceMs: 0, access, successor: refresh };
    const { state } = await store.rotateRefresh(rotation);
    if (state !== 'rotated') throw new Error(`a rotation went wrong: ${state}`);
    last = { access, refresh };
  };
}

/** @param caller makes what one of the callers does again and again */
async function measure(callers: number, caller: () => () => Promise<void>): Promise<Rate> {
  const begin = systemClock.monotonic();
  const latencies: number[] = [];
  const call = async () => {
    const work = caller();
    for (let at = begin; at < begin + durationMs; ) {
      await work();
      const now = systemClock.monotonic();
      latencies.push(now - at);
      at = now;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  const elapsed = (systemClock.monotonic() - begin) / 1000;
  latencies.sort((a, b) => a - b);
  const rank = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { perSecond: latencies.length / elapsed, p50: rank(0.5), p99: rank(0.99) };
}

async function measureFinds(store: TokenStore): Promise<number> {
  const saved = Array.from({ length: 1000 }, () => token('cli_0123456789ABCDEF'));
  await Promise.all(saved.map((one) => store.saveAccess(one)));
  const begin = systemClock.monotonic();
  let found = 0;
  while (systemClock.monotonic() < begin + 1000) {
    for (const { hash, issuedAt } of saved) store.findAccess(hash, issuedAt);
    found += saved.length;
    await setImmediate();
  }
  return found / ((systemClock.monotonic() - begin) / 1000);
}

/** What waits for an engine elsewhere: finds and consumes of so many callers. */
async function measureMore(store: TokenStore, callers: number): Promise<void> {
  const saved = Array.from({ length: 1000 }, () => token('cli_0123456789ABCDEF'));
  await Promise.all(saved.map((one) => store.saveAccess(one)));
  let next = 0;
  const findOne = async () => {
    const { hash, issuedAt } = saved[next++ % saved.length] ?? token('');
    if ((await store.findAccess(hash, issuedAt)).state !== 'live') throw new Error('a token was not found');
  };
  print(`finds, ${callers} callers`, await measure(callers, () => findOne));
  const { grant } = newGrant();
  await store.saveIssue({ grant });
  const hashes: string[] = [];
  const bound = { redirectUri: undefined, codeChallenge: undefined };
  for (let i = 0; i < durationMs * 10; i += 1) {
    const code = { ...newRefresh(grant.id, grant.createdAt), ...bound };
    hashes.push(code.hash);
    if (i % 1000 === 999) await store.saveIssue({ code });
    else void store.saveIssue({ code });
  }
  const consumeOne = async () => {
    const hash = hashes.pop();
    if (hash === undefined) throw new Error('more codes are needed');
    await store.consumeCode(hash, { id: 'one', now: grant.createdAt });
  };
  print(`consumes, ${callers} callers`, await measure(callers, () => consumeOne));
}

async function fill(store: TokenStore, rows: number): Promise<void> {
  for (let i = 0; i < rows; i += 10_000) {
    await Promise.all(Array.from({ length: 10_000 }, () => store.saveAccess(token('cli_0123456789ABCDEF'))));
  }
}

function print(what: string, { perSecond, p50, p99 }: Rate): void {
  console.log(`${what}: ${Math.round(perSecond)}/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`);
}

const open = (file: string) =>
  openTokenStore(values.url ?? `sqlite:${file}`, { clock: systemClock, logger: noLogger, retentionMs: 7_200_000 });

async function runChild(file: string): Promise<void> {
  await using store = await open(file);
  process.send?.(await measure(32, () => () => saveOne(store)));
  process.disconnect?.();
}

async function runParent(): Promise<void> {
  const folder = mkdtempSync(path.join(path.resolve(values.dir), 'token-store-bench-'));
  const file = path.join(folder, 'tokens.db');
  try {
    await using store = await open(file);
    await fill(store, Number(values.rows));
    const processes = Number(values.processes);
    if (processes === 1) {
      for (const callers of [32, 256]) print(`${callers} callers`, await measure(callers, () => () => saveOne(store)));
      for (const callers of values.url === undefined ? [32] : [32, 256]) {
        print(`code exchanges, ${callers} callers`, await measure(callers, () => () => exchangeOne(store)));
        print(`rotations, ${callers} callers`, await measure(callers, () => rotateOnes(store)));
        if (values.url !== undefined) await measureMore(store, callers);
      }
      if (values.url === undefined) console.log(`finds: ${Math.round(await measureFinds(store))}/s`);
      return;
    }
    const rates = await Promise.all(
      Array.from({ length: processes }, () => {
        const child = fork(import.meta.filename, [
          ...['--file', file, '--seconds', values.seconds],
          ...(values.url === undefined ? [] : ['--url', values.url]),
        ]);
        return new Promise<Rate>((resolve) => child.once('message', resolve));
      }),
    );
    rates.forEach((rate, i) => {
      print(`process ${i + 1}, 32 callers`, rate);
    });
    console.log(`summed: ${Math.round(rates.reduce((sum, { perSecond }) => sum + perSecond, 0))} tokens/s`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await (values.file === undefined ? runParent() : runChild(values.file));
