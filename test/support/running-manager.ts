import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { HandClock } from '#core/clock';
import type { LogFields, Logger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { systemRandom } from '#core/random';
import { SecretBox } from '#core/secret-box';
import type { TokenStore } from '#core/token-store';
import type { ManagerOptions } from '#manager/context';
import { createManager, type Listening, type Manager } from '#manager/manager';
import { policyTypes } from '#policies/registry';
import { dropManagerDatabase, managerDatabase } from './manager-database.ts';
import { deskOf } from './token-stores.ts';

/** The bootstrap token of a running manager. */
export const BOOTSTRAP_TOKEN = 'bootstrap-token-for-tests-0123456789';

/** An answer of the management API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by using it
  readonly body: any;
  readonly text: string;
}

/** What a call is, beside method and path. */
export interface ApiCall {
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Management key; undefined: the bootstrap token; empty: none. */
  readonly key?: string;
}

/** A manager that listens, on a data directory of its own. */
export interface RunningManager extends Listening {
  readonly manager: Manager;
  readonly dataDir: string;
  readonly clock: HandClock;
  /** Every line that was logged. */
  readonly log: readonly { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  /** Calls the API over TCP: `call('POST /projects', { body })`. Paths begin behind /api/v1 unless they have it. */
  call(request: string, options?: ApiCall): Promise<ApiAnswer>;
  /** The same over the Unix socket, without a key. */
  callLocally(request: string, options?: ApiCall): Promise<{ readonly status: number; readonly text: string }>;
}

/** What a test may set. */
export interface RunningOptions {
  /** Data directory of a manager that ran before. */
  readonly dataDir?: string;
  readonly clock?: HandClock;
  readonly masterKey?: Buffer;
  readonly options?: Partial<ManagerOptions>;
  /** Default: none. */
  readonly tokenStores?: readonly TokenStore[];
}

/** What closes the managers of a data directory. */
const running = new Map<string, (() => Promise<void>)[]>();

/** Starts one on real sockets and a real database; closed when the test ends. */
export async function startTestManager(t: TestContext, wish: RunningOptions = {}): Promise<RunningManager> {
  const dataDir = wish.dataDir ?? makeDataDir(t);
  const clock = wish.clock ?? new HandClock();
  const log: { level: string; message: string; fields: LogFields }[] = [];
  const keys = [{ id: 'k1', key: wish.masterKey ?? Buffer.alloc(32, 1) }];
  let box = new SecretBox(keys, systemRandom);
  const socketPath = path.join(dataDir, 'manager.sock');
  const manager = await createManager({
    ...{
      dataDir,
      database: await managerDatabase(dataDir),
      policyTypes,
      clock,
      tokenStores: deskOf(...(wish.tokenStores ?? [])),
    },
    ...{ random: systemRandom, metrics: noMetrics, logger: listLogger(log) },
    masterKeys: {
      secretBox: () => box,
      rotate: async () => {
        keys.unshift({ id: `k${keys.length + 1}`, key: Buffer.alloc(32, keys.length + 1) });
        box = new SecretBox(keys, systemRandom);
      },
    },
    options: {
      ...{ host: '127.0.0.1', port: 0, socketPath, tls: undefined, hosts: [], bootstrapToken: BOOTSTRAP_TOKEN },
      ...{ allowPlainHttp: false, publicUrl: undefined, version: '0.1.0', requestsPerSecond: 50 },
      audit: { retentionDays: undefined, checkpointFile: undefined, checkpointUrl: undefined },
      outbound: { allow: [], ownPorts: [] },
      gateways: { accept: true, host: '127.0.0.1', port: 0, url: '', certificateLifeMs: 30 * 86_400_000 },
      records: { maxAgeMs: 7 * 86_400_000, limitBytes: 2 ** 31 },
      ...wish.options,
    },
  });
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= manager.close());
  t.after(close);
  running.set(dataDir, [...(running.get(dataDir) ?? []), close]);
  const listening = await manager.listen();
  return {
    ...listening,
    ...{ dataDir, clock, log },
    manager: { ...manager, close },
    call: (request, options = {}) => call(listening.address, request, options),
    callLocally: (request, options = {}) => callLocally(socketPath, request, options),
  };
}

/** A data directory that is removed when the test ends. */
export function makeDataDir(t: TestContext): string {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gatewright-'));
  t.after(async () => {
    for (const close of running.get(dataDir) ?? []) await close();
    await dropManagerDatabase(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return dataDir;
}

async function call(address: string, request: string, options: ApiCall): Promise<ApiAnswer> {
  const { method, url } = split(request);
  const { key = BOOTSTRAP_TOKEN, body } = options;
  const answer = await fetch(address + url, {
    method,
    headers: {
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

function callLocally(socketPath: string, request: string, options: ApiCall): Promise<{ status: number; text: string }> {
  const { method, url } = split(request);
  const headers = { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers };
  return new Promise((resolve, reject) => {
    const sent = http.request({ socketPath, method, path: url, headers }, async (answer) => {
      const text = (await answer.toArray()).join('');
      resolve({ status: answer.statusCode ?? 0, text });
    });
    sent.once('error', reject);
    sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

function split(request: string): { method: string; url: string } {
  const [method = 'GET', path = '/'] = request.split(/ (.*)/);
  const isWhole =
    path === '/' || path.startsWith('/api/') || path.startsWith('/setup/') || path.startsWith('/internal/');
  return { method, url: isWhole ? path : `/api/v1${path}` };
}

function listLogger(lines: { level: string; message: string; fields: LogFields }[]): Logger {
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, message, fields });
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}
