import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { noisyAbovePercent, watchBackground } from './background.ts';
import { fillCatalogue } from './catalogue.ts';
import { type Child, openChild } from './child.ts';
import { type ListCase, listCases } from './list-cases.ts';
import { rootDir } from './options.ts';
import { createTempDir, describeCommit, describeHost } from './place.ts';
import { listTree, readCpuSeconds } from './proc.ts';
import { renderTable, resultsDir } from './report.ts';

// How long every list, screen and search of the management API takes with a full registry. Through the Unix socket, where no rate limits:
// `node bench/lists.ts --projects 10000 --clients 100000`.

const LIMIT_MS = 200;
const PAGE_OF_WALK = 200;
/** A measurement beside which others used too much is made again, at most so often; the quietest one counts. */
const TRIES = 2;
const CORES = cpus().map((_, core) => core);

interface Figures {
  readonly name: string;
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly bytes: number;
  /** CPU time that the manager used for one answer, in the mean: what others do on the machine does not change it. */
  readonly cpuMs: number;
  /** CPU that everything else used meanwhile, in percent of one core. */
  readonly background: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: '10000' },
    clients: { type: 'string', default: '100000' },
    products: { type: 'string', default: '1000' },
    runs: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    'no-save': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help)
  console.log(
    'usage: node bench/lists.ts [--projects 10000] [--clients 100000] [--products 1000] [--runs 100] [--only TEXT] [--no-save]',
  );
else await main();

async function main(): Promise<void> {
  const size = {
    projects: wholeNumber('projects'),
    clients: wholeNumber('clients'),
    products: wholeNumber('products'),
  };
  const runs = wholeNumber('runs');
  const temp = createTempDir();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = sender(join(temp.dir, 'data', 'manager.sock'), agent);
  let child: Child | undefined;
  try {
    child = (await startManager(temp.dir)).child;
    await makeOriginals(send);
    await child.close();
    const filledAt = performance.now();
    const originals = { project: 'first', product: 'first', client: 'first', subscription: 'first' };
    fillCatalogue(join(temp.dir, 'data', 'manager.db'), originals, size);
    const fillSeconds = (performance.now() - filledAt) / 1000;
    console.error(`Filled in ${fillSeconds.toFixed(1)} s.`);
    const started = await startManager(temp.dir);
    child = started.child;
    // The thread of the exchange records begins with the first report of a gateway or the first question: here no gateway reports.
    await send('GET', '/requests');
    const rows: Figures[] = [];
    for (const one of listCases.filter(({ name }) => name.includes(values.only)))
      rows.push(await measureInQuiet({ send, pid: child.pid }, one, runs));
    const machine = await describeHost(temp.dir);
    show(rows, { ...size, fillSeconds, startMs: started.readyMs });
    if (!values['no-save'])
      save({
        ...{ at: new Date().toISOString(), ...(await describeCommit()), machine, size, runs },
        ...{ fillSeconds: Math.round(fillSeconds * 10) / 10, startMs: Math.round(started.readyMs), rows },
      });
  } finally {
    agent.destroy();
    await child?.close();
    temp.remove();
  }
}

type Send = (method: string, path: string, body?: object) => Promise<Answer>;

/** Calls the API through the socket; the time is from the call to the answer's last byte. */
function sender(socketPath: string, agent: Agent): Send {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const headers = { 'if-match': '*', ...(body !== undefined && { 'content-type': 'application/json' }) };
      const sent = request({ agent, socketPath, method, path: `/api/v1${path}`, headers }, async (answer) => {
        const text = (await answer.toArray()).join('');
        resolve({ status: answer.statusCode ?? 0, text, ms: performance.now() - startedAt });
      });
      sent.once('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

async function startManager(dir: string): Promise<{ readonly child: Child; readonly readyMs: number }> {
  mkdirSync(join(dir, 'data'), { recursive: true });
  const startedAt = performance.now();
  const child = await openChild({
    command: join(rootDir, 'bin', 'gatewright'),
    args: ['manager', '--json'],
    env: {
      GATEWRIGHT_DATA_DIR: join(dir, 'data'),
      GATEWRIGHT_MANAGER_PORT: '0',
      GATEWRIGHT_ADMIN_PORT: '0',
      GATEWRIGHT_ADMIN_MANAGER_PORT: '0',
    },
    core: undefined,
    logPath: join(dir, 'manager.log'),
  });
  await child.firstLine;
  return { child, readyMs: performance.now() - startedAt };
}

/** What the catalogue copies, made as anybody makes it. */
async function makeOriginals(send: Send): Promise<void> {
  const must = async (path: string, body: object) => {
    const { status, text } = await send('POST', path, body);
    if (status !== 201) throw new Error(`${path}: ${status} ${text}`);
  };
  const project = { name: 'first', displayName: 'First', contextPath: '/first', targetUrl: 'http://127.0.0.1:9' };
  await must('/projects', { ...project, kind: 'http', secureWith: 'oauth' });
  await must('/server-groups', { displayName: 'Staging' });
  await must('/deployments', { project: 'first', serverGroup: 'local' });
  await must('/products', { name: 'first', displayName: 'First', projects: ['first'] });
  await must('/clients', { name: 'first', displayName: 'First' });
  await must('/subscriptions', { name: 'first', client: 'first', product: 'first' });
  await must('/subscriptions/first/keys', {});
}

interface Measured {
  readonly send: Send;
  /** The manager's. */
  readonly pid: number;
}

async function measureInQuiet({ send, pid }: Measured, one: ListCase, runs: number): Promise<Figures> {
  let quietest: Figures | undefined;
  let first: number | undefined;
  const cursor = one.page === 'deep' ? await deepCursor(send, one.path(0)) : undefined;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const stop = watchBackground(CORES);
    const cpuBefore = readCpuSeconds(listTree(pid), true);
    const figures = await measure(send, one, { runs, cursor, from: attempt * (runs + 1) });
    const cpuMs = rounded(((readCpuSeconds(listTree(pid), true) - cpuBefore) * 1000) / (runs + 1));
    const background = Math.round(stop());
    first ??= figures.firstMs;
    if (quietest === undefined || background < quietest.background)
      quietest = { ...figures, cpuMs, firstMs: first, background };
    if (background <= noisyAbovePercent) break;
  }
  if (quietest === undefined) throw new Error('Nothing was measured.');
  return quietest;
}

async function measure(
  send: Send,
  one: ListCase,
  { runs, from, cursor }: { readonly runs: number; readonly from: number; readonly cursor: string | undefined },
): Promise<Omit<Figures, 'background' | 'cpuMs'>> {
  const ask = async (turn: number) => {
    const path = cursor === undefined ? one.path(turn) : withQuery(one.path(turn), `cursor=${cursor}`);
    const answer = await send(one.method, path, one.body?.(turn));
    if (answer.status >= 400) throw new Error(`${one.method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer;
  };
  const first = await ask(from);
  const times: number[] = [];
  for (let turn = 1; turn <= runs; turn += 1) times.push((await ask(from + turn)).ms);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return {
    name: one.name,
    ...{ firstMs: rounded(first.ms), p50Ms: rounded(at(0.5)), p99Ms: rounded(at(0.99)), maxMs: rounded(at(1)) },
    bytes: first.text.length,
  };
}

/** The cursor in the middle of a list; undefined when it is on one page. */
async function deepCursor(send: Send, path: string): Promise<string | undefined> {
  let cursor: string | undefined;
  let seen = 0;
  for (;;) {
    const query = `limit=${PAGE_OF_WALK}${cursor === undefined ? '' : `&cursor=${cursor}`}`;
    const { next, total } = JSON.parse((await send('GET', withQuery(path, query))).text) as {
      next?: string;
      total: number;
    };
    seen += PAGE_OF_WALK;
    if (next === undefined) return cursor;
    cursor = next;
    if (seen >= total / 2) return cursor;
  }
}

function withQuery(path: string, query: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

function show(rows: readonly Figures[], about: Readonly<Record<string, number>>): void {
  const head = ['request', 'first ms', 'p50 ms', 'p99 ms', 'max ms', 'CPU ms', 'bytes', 'background %'];
  const cells = rows.map(({ name, firstMs, p50Ms, p99Ms, maxMs, cpuMs, bytes, background }) =>
    [name, firstMs, p50Ms, p99Ms, maxMs, cpuMs, bytes, background].map(String),
  );
  console.log(renderTable(head, cells));
  console.log(
    `\n${about.projects} projects, ${about.clients} clients, ${about.products} products; filled in ${about.fillSeconds?.toFixed(1)} s, the manager was ready after ${about.startMs?.toFixed(0)} ms.`,
  );
  const noisy = rows.filter(({ background }) => background > noisyAbovePercent);
  const slow = rows.filter((row) => !noisy.includes(row) && row.p99Ms > LIMIT_MS);
  const named = (list: readonly Figures[]) => list.map(({ name, p99Ms }) => `${name} (${p99Ms})`).join('; ');
  if (noisy.length > 0) console.log(`Too noisy for a verdict by the clock: ${noisy.length} of ${rows.length}.`);
  const dearest = rows.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, 5);
  console.log(`Most CPU time for one answer: ${dearest.map(({ name, cpuMs }) => `${name} (${cpuMs} ms)`).join('; ')}.`);
  console.log(
    slow.length === 0
      ? `${rows.length - noisy.length} of ${rows.length} were quiet, and 99 of 100 of their answers came within ${LIMIT_MS} ms.`
      : `Over ${LIMIT_MS} ms: ${named(slow)}.`,
  );
}

function save(result: { readonly at: string }): void {
  const file = join(resultsDir, `${result.at.slice(0, 10)}-lists.json`);
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(`Written to ${file}.`);
}

function wholeNumber(name: 'projects' | 'clients' | 'products' | 'runs'): number {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new RangeError(`--${name} must be a whole number of at least 1.`);
  return number;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
