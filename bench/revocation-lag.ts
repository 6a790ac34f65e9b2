// How long a revocation takes until the last worker of two gateways refuses the token, on each kind of token store.
//   node bench/revocation-lag.ts [--kinds sqlite,redis-always,…] [--variants normal,push\ cut,…] [--count 200] [--lanes 4] [--limit-minutes 60] [--no-save]
// With everything there; with the second gateway cut off from the manager, whose push it no longer gets; with all connections to the store cut
// twice a second (PostgreSQL, Redis); with the manager killed.
// The time runs from before the revocation is asked for until the first refusal has arrived from the last of four workers, each asked again
// every 5 ms on a connection of its own. Exit code 1 when one took longer than 5 s, the 99th percentile longer than 1 s, or one never ended.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startCutProxy } from '#test/support/cut-proxy';
import { type LoneGateway, startLoneGateway } from '#test/support/lone-gateway';
import { findVictims } from '#test/support/processes';
import { type Quickstart, quickstart } from '#test/support/quickstart';
import { eventually, type System, startSystem } from '#test/support/system';
import { getToken } from '#test/support/token';
import { connectToEachWorker } from '#test/support/worker-connections';
import { createOwnFolder } from './own-folder.ts';
import { type Spread, spreadOf } from './percentile.ts';
import { describeCommit, describeHost } from './place.ts';
import { renderTable, resultsDir } from './report.ts';
import { type Lane, newLane, revokeAtGateway, revokeByApi, STEP_MS, untilRefused } from './revoked-token.ts';
import { startCuts } from './store-cuts.ts';
import { type Engine, startEngine } from './store-engines.ts';

const P99_MS = 1000;
const LIMIT_MS = 5000;
/** The embedded Cassandra starts behind a gateway that is ready, and again when the process that owned it is killed. */
const START_MS = 90_000;
const WORKERS = 2;
/** From one cut of all connections to the store to the next. */
const CUT_MS = 500;

const VARIANTS = ['normal', 'push cut', 'store cut', 'manager killed'] as const;
type Variant = (typeof VARIANTS)[number];

const { values } = parseArgs({
  options: {
    kinds: { type: 'string', default: 'sqlite,redis-always,postgres,cassandra' },
    count: { type: 'string', default: '200' },
    lanes: { type: 'string', default: '4' },
    variants: { type: 'string', default: VARIANTS.join() },
    'limit-minutes': { type: 'string', default: '60' },
    'no-save': { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const lanes = Number(values.lanes);
const wanted = new Set(values.variants.split(','));
if (!wanted.isSubsetOf(new Set<string>(VARIANTS))) throw new Error(`Variants are ${VARIANTS.join(', ')}.`);
let endsAt = performance.now() + Number(values['limit-minutes']) * 60_000;

// What is under way ends, and everything is removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endsAt = 0;
  });

interface Row extends Spread {
  readonly kind: string;
  readonly variant: Variant;
  /** How it was revoked: at the first gateway's end point, or by the management API. */
  readonly by: string;
  /** Passed for longer than 30 s. */
  readonly lost: number;
}

const rows: Row[] = [];

/** Two gateways, of which the second hears the manager through a proxy. */
interface Setup {
  readonly system: System;
  readonly second: LoneGateway;
  readonly made: Quickstart;
  readonly lanes: readonly Lane[];
}

/** The path under the address of the second gateway. */
const at = (gateway: LoneGateway, url: string) => gateway.address + new URL(url).pathname;

async function measure(kind: string, variant: Variant, setup: Setup): Promise<Row[]> {
  const { system, second, made } = setup;
  const found = { 'gateway A': [] as (number | undefined)[], API: [] as (number | undefined)[] };
  const connected = [
    ...(await connectToEachWorker(system, made.plainUrl, lanes)).map((connection) => ({
      ...{ connection, url: `${made.apiUrl}/1` },
    })),
    ...(await connectToEachWorker(second, at(second, made.plainUrl), lanes)).map((connection) => ({
      ...{ connection, url: at(second, `${made.apiUrl}/1`) },
    })),
  ];
  if (connected.length !== 2 * WORKERS) throw new Error(`${connected.length} workers`);
  let left = count;
  const run = async (lane: Lane) => {
    while (left > 0 && performance.now() < endsAt) {
      left -= 1;
      const isByApi = (variant === 'normal' || variant === 'push cut') && left % 2 === 0;
      const token = await eventually(
        'a token',
        () => getToken(made.tokenUrl, lane.key, lane.secret).catch(() => undefined),
        START_MS,
      );
      for (const { connection, url } of connected)
        await eventually(
          'the token passes',
          async () => (await connection.get(url, { authorization: `Bearer ${token}` })).status === 200 || undefined,
          START_MS,
        );
      const [refusedAt, began] = await Promise.all([
        untilRefused(connected, token),
        isByApi ? revokeByApi(system, lane) : revokeAtGateway(made.tokenUrl, token, lane, variant === 'store cut'),
      ]);
      const lag = refusedAt === undefined ? undefined : Math.max(0, refusedAt - began);
      found[isByApi ? 'API' : 'gateway A'].push(lag);
    }
  };
  try {
    await Promise.all(setup.lanes.map(run));
  } finally {
    for (const { connection } of connected) connection[Symbol.dispose]();
  }
  return Object.entries(found)
    .filter(([, lags]) => lags.length > 0)
    .map(([by, lags]) => {
      const ended = lags.filter((lag) => lag !== undefined);
      return { kind, variant, by, ...spreadOf(ended), lost: lags.length - ended.length };
    });
}

/** The second gateway takes the embedded Cassandra, which belongs to the first one's data directory, by its address. */
async function urlOfSecond(engine: Engine): Promise<string> {
  if (engine.name !== 'cassandra-embedded') return engine.url;
  const file = path.join(engine.dataDir, 'cassandra', 'ports.json');
  await eventually('the embedded Cassandra has its ports', () => existsSync(file) || undefined, START_MS);
  const ports = JSON.parse(readFileSync(file, 'utf8')) as { cql: number };
  return `cassandra://127.0.0.1:${ports.cql}/gatewright?replicationFactor=1`;
}

async function measureKind(kind: string, base: string): Promise<void> {
  await using engine = await startEngine(kind, base);
  const env = { GATEWRIGHT_TOKEN_STORE_URL: engine.url };
  await using system = await startSystem({ workers: WORKERS, dataDir: engine.dataDir, env });
  const made = await quickstart(system, 'echo:');
  type Join = { token: string; managerUrl: string };
  const join = await system.must<Join>('POST', '/server-groups/local/join-tokens', {});
  const manager = new URL(join.managerUrl);
  await using proxy = await startCutProxy({ host: manager.hostname, port: Number(manager.port) });
  manager.port = String(proxy.port);
  const ownDir = path.join(base, `${kind}-second`);
  mkdirSync(ownDir);
  await using second = await startLoneGateway(
    ownDir,
    {
      ...{ GATEWRIGHT_JOIN_TOKEN: join.token, GATEWRIGHT_TOKEN_STORE_URL: await urlOfSecond(engine) },
      GATEWRIGHT_WORKERS: String(WORKERS),
    },
    ['--join', manager.href, '--name', 'second'],
  );
  const clients = await Promise.all(Array.from({ length: lanes }, (_, i) => newLane(system, `Lane ${i + 1}`)));
  const setup: Setup = { system, second, made, lanes: clients };
  await eventually(
    'the second gateway serves',
    async () => (await fetch(at(second, made.plainUrl))).ok || undefined,
    START_MS,
  );
  const [{ key, secret } = { key: '', secret: '' }] = clients;
  const tokenOf = (url: string) => getToken(url, key, secret).catch(() => undefined);
  for (const url of [made.tokenUrl, at(second, made.tokenUrl)])
    await eventually('a token', () => tokenOf(url), START_MS);
  const note = (found: readonly Row[]) => {
    rows.push(...found);
    for (const row of found) console.log(JSON.stringify(row));
  };
  const run = async (variant: Variant) => {
    if (wanted.has(variant)) note(await measure(kind, variant, setup));
  };
  await run('normal');
  proxy.cut();
  await run('push cut');
  proxy.mend();
  {
    await using cuts = wanted.has('store cut') ? await startCuts(engine, CUT_MS) : undefined;
    if (cuts !== undefined) {
      await run('store cut');
      console.log(JSON.stringify({ kind, connectionsCut: cuts.count() }));
    }
  }
  const supervisor = system.process.pid ?? 0;
  process.kill(supervisor, 'SIGSTOP'); // it would start another
  try {
    for (const pid of findVictims(supervisor, 'manager')) process.kill(pid, 'SIGKILL');
    await run('manager killed');
  } finally {
    process.kill(supervisor, 'SIGCONT');
  }
}

const temp = createOwnFolder(Number(values['limit-minutes']) * 60_000);
const failures: string[] = [];
try {
  for (const kind of values.kinds.split(',')) {
    try {
      if (performance.now() > endsAt) throw new Error('the time is up');
      await measureKind(kind, temp.dir);
    } catch (error) {
      failures.push(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(failures.at(-1), error);
    }
  }
  const cells = rows.map((row) => [
    ...[row.kind, row.variant, row.by],
    ...[row.count, row.p50, row.p99, row.max, row.lost].map(String),
  ]);
  console.log(renderTable(['store', 'variant', 'revoked by', 'count', 'p50 ms', 'p99 ms', 'max ms', 'lost'], cells));
  const isKept = rows.length > 0 && rows.every(({ p99, max, lost }) => p99 <= P99_MS && max <= LIMIT_MS && lost === 0);
  const verdict = isKept ? 'kept' : 'MISSED';
  console.log(`p99 ≤ ${P99_MS} ms and max ≤ ${LIMIT_MS} ms, none lost: ${verdict}.`);
  if (!isKept || failures.length > 0) process.exitCode = 1;
  if (!values['no-save']) {
    const now = new Date().toISOString();
    const settings = { count, lanes, gateways: 2, workersEach: WORKERS, stepMs: STEP_MS, cutMs: CUT_MS };
    const result = {
      at: now,
      ...(await describeCommit()),
      machine: await describeHost(temp.dir),
      settings,
      rows,
      failures,
    };
    const file = path.join(resultsDir, `${now.slice(0, 10)}-revocation-lag.json`);
    writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
    console.log(`Written to ${file}.`);
  }
} finally {
  temp.remove();
}
