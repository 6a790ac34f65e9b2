import { Agent, request } from 'undici';

/** What became of the calls of a load. */
export interface LoadCounts {
  calls: number;
  /** Calls that got the status wanted. */
  good: number;
  /** Calls answered otherwise, or not at all; the first few in words. */
  readonly failures: string[];
  failed: number;
  /** How many of the calls that failed had each status; 0: no answer at all. */
  readonly failedBy: Map<number, number>;
  /** Milliseconds that the slowest call took, whatever became of it. */
  slowestMs: number;
}

/** A bounded load that runs until stopped or until `limitMs`. */
export interface Load {
  readonly counts: LoadCounts;
  stop(): Promise<LoadCounts>;
}

/** What to call; `headers` is asked before each call, so that a token may change. */
export interface LoadOptions {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: () => Record<string, string>;
  readonly body?: string;
  readonly connections: number;
  readonly wantedStatus: number;
  /** Ends by itself after this long. */
  readonly limitMs: number;
  /** Pause of each connection between two calls. */
  readonly pauseMs?: number;
  /** Told of every good answer's body. */
  readonly onAnswer?: (body: string) => void;
}

/** Starts calling on keep-alive connections. A connection error counts as a failure: nothing is tried again. */
export function startLoad(options: LoadOptions): Load {
  const agent = new Agent({ connections: options.connections, pipelining: 1, keepAliveTimeout: 60_000 });
  const counts: LoadCounts = { calls: 0, good: 0, failed: 0, failures: [], failedBy: new Map(), slowestMs: 0 };
  const deadline = performance.now() + options.limitMs;
  let stopped = false;
  const fail = (status: number, what: string) => {
    counts.failed += 1;
    counts.failedBy.set(status, (counts.failedBy.get(status) ?? 0) + 1);
    if (counts.failures.length < 10) counts.failures.push(what);
  };
  const loop = async () => {
    while (!stopped && performance.now() < deadline) {
      counts.calls += 1;
      const begun = performance.now();
      try {
        const answer = await request(options.url, {
          method: options.method ?? 'GET',
          headers: options.headers?.() ?? {},
          body: options.body ?? null,
          dispatcher: agent,
        });
        const body = await answer.body.text();
        if (answer.statusCode === options.wantedStatus) {
          counts.good += 1;
          options.onAnswer?.(body);
        } else fail(answer.statusCode, `${answer.statusCode} ${body.slice(0, 200)}`);
      } catch (error) {
        fail(0, error instanceof Error ? `${error.name} ${error.message}` : 'error');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      counts.slowestMs = Math.max(counts.slowestMs, performance.now() - begun);
      if (options.pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
  };
  const loops = Promise.all(Array.from({ length: options.connections }, loop));
  return {
    counts,
    async stop() {
      stopped = true;
      await loops;
      await agent.close();
      return counts;
    },
  };
}
