import { Pool } from 'undici';
import type { Clock } from '#core/clock';
import type { ProjectSnapshot } from '#core/model/version';
import { type ConnectTimes, createConnecting } from './connecting.ts';

/** Settings of a target, as frozen in a version. */
export type TargetSettings = ProjectSnapshot['targets'][number];

/** One server of a target: its connections, shared by every deployment that has the same settings for it. */
export interface Upstream {
  readonly pool: Pool;
  /** The times of the connection that was made just now, for the call that begins on it; see {@link Connecting}. */
  takeConnectTimes(): ConnectTimes | undefined;
  /** Scheme, host and port, for records. */
  readonly address: string;
  /** Path of the target URL without slash at the end: put before every forwarded path. */
  readonly basePath: string;
  /** Calls under way or waiting for a connection. */
  running: number;
  /** Monotonic ms up to which it is passed over, because it just refused a connection. */
  skipUntil: number;
  failures: number;
}

/** Upstreams by their settings, so that a deployment that changes nothing about a target keeps its warm connections. */
export interface Upstreams {
  /** Takes a share in an upstream; give it back with `release`. */
  acquire(url: string, settings: TargetSettings): Upstream;
  /** The last share closes the connections, each when its call is done. */
  release(upstream: Upstream): void;
  close(): Promise<void>;
  readonly size: number;
  readonly running: number;
}

const SKIP_MS = 1000;
const SKIP_LIMIT_MS = 10_000;

export function createUpstreams(clock: Clock): Upstreams {
  const shared = new Map<string, { upstream: Upstream; shares: number }>();
  const keys = new Map<Upstream, string>();
  return {
    acquire(url, settings) {
      const key = JSON.stringify([
        url,
        settings.connectTimeoutMs,
        settings.timeoutMs,
        settings.idleTimeoutMs,
        settings.verifyTls,
        settings.maxConnections,
      ]);
      const entry = shared.get(key) ?? { upstream: openUpstream(url, settings, clock), shares: 0 };
      entry.shares += 1;
      shared.set(key, entry);
      keys.set(entry.upstream, key);
      return entry.upstream;
    },
    release(upstream) {
      const key = keys.get(upstream);
      const entry = key === undefined ? undefined : shared.get(key);
      if (key === undefined || entry === undefined) return;
      entry.shares -= 1;
      if (entry.shares > 0) return;
      shared.delete(key);
      keys.delete(upstream);
      void upstream.pool.close();
    },
    async close() {
      const open = [...shared.values()].map(({ upstream }) => upstream.pool.destroy());
      shared.clear();
      keys.clear();
      await Promise.all(open);
    },
    get size() {
      return shared.size;
    },
    get running() {
      let running = 0;
      for (const { upstream } of shared.values()) running += upstream.running;
      return running;
    },
  };
}

/** Passes an upstream over for a while, longer each time in a row. */
export function markFailing(upstream: Upstream, now: number): void {
  upstream.skipUntil = now + Math.min(SKIP_LIMIT_MS, SKIP_MS * 2 ** upstream.failures);
  upstream.failures += 1;
}

export function markWorking(upstream: Upstream): void {
  if (upstream.failures === 0) return;
  upstream.failures = 0;
  upstream.skipUntil = 0;
}

function openUpstream(text: string, settings: TargetSettings, clock: Clock): Upstream {
  const url = new URL(text);
  const connecting = createConnecting(
    { allowH2: false, timeout: settings.connectTimeoutMs, rejectUnauthorized: settings.verifyTls },
    clock,
  );
  const pool = new Pool(url.origin, {
    connections: settings.maxConnections,
    pipelining: 1, // one call a connection: an answer can never be another call's
    allowH2: false,
    connect: connecting.connector,
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.idleTimeoutMs,
  });
  return {
    pool,
    takeConnectTimes: () => connecting.take(),
    address: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    running: 0,
    skipUntil: 0,
    failures: 0,
  };
}
