import http from 'node:http';
import { FEED_FORMAT, type FeedEntry } from '#core/change-feed';
import type { GatewayReport } from '#core/model/exchange-record';
import type { OwnerQuestion } from '#core/owner-question';
import type { FeedObject } from './feed-objects.ts';

/** A manager as a gateway sees it: the feed and the reports, on a Unix socket, in memory. */
export interface FeedManager extends AsyncDisposable {
  epoch: string;
  readonly seq: number;
  /** Every report taken, in order. A batch id that came before is not among them again. */
  readonly reports: GatewayReport[];
  /** The queries with which the feed was asked for. */
  readonly asked: URLSearchParams[];
  /** HTTP status of further answers to reports. */
  reportStatus: number;
  /** What every entry passes on its way; for feeds that are not understood. */
  mangle(entry: FeedEntry): unknown;
  /** What it says of resource owners; undefined: it is unavailable. */
  answerOwner(question: OwnerQuestion): unknown;
  /** Beats no more, though connections stay. */
  isSilent: boolean;
  /** One transaction: all under one number. Without payload: gone. */
  commit(...objects: readonly FeedObject[]): number;
  /** A restore: everything again, under another epoch. */
  restore(epoch: string): void;
  /** Ends every feed connection. */
  disconnect(): void;
  stop(): Promise<void>;
}

/** Starts it. */
export async function startFeedManager(socketPath: string): Promise<FeedManager> {
  const objects = new Map<string, FeedEntry>();
  const streams = new Set<http.ServerResponse>();
  const batchIds = new Set<string>();
  let seq = 0;
  const write = (stream: http.ServerResponse, line: unknown) => stream.write(`${JSON.stringify(line)}\n`);
  const beat = (stream: http.ServerResponse) => write(stream, { type: 'caught-up', seq, at: Date.now() });
  const sets = (entries: readonly FeedEntry[]) => {
    const bySeq = Map.groupBy(entries, (entry) => entry.seq);
    return [...bySeq]
      .sort(([a], [b]) => a - b)
      .map(([number, set]) => ({ type: 'changes', seq: number, entries: set.map(manager.mangle) }));
  };
  const follow = (query: URLSearchParams, stream: http.ServerResponse) => {
    manager.asked.push(query);
    const since = Number(query.get('since'));
    const snapshot = query.get('epoch') !== manager.epoch || since > seq;
    stream.writeHead(200, { 'content-type': 'application/x-ndjson' });
    write(stream, {
      type: 'hello',
      format: FEED_FORMAT,
      epoch: manager.epoch,
      snapshot,
      seq,
      serverGroupId: 'grp_1',
      gatewayId: query.get('gatewayId'),
    });
    const entries = [...objects.values()].filter((entry) =>
      snapshot ? entry.payload !== undefined : entry.seq > since,
    );
    for (const set of sets(entries)) write(stream, set);
    beat(stream);
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  };
  const takeReport = (text: string, response: http.ServerResponse) => {
    const report = JSON.parse(text) as GatewayReport;
    if (manager.reportStatus === 200 && !batchIds.has(report.batchId)) {
      batchIds.add(report.batchId);
      manager.reports.push(report);
    }
    response.writeHead(manager.reportStatus).end('{"ok":true}');
  };
  const answerOwner = (text: string, response: http.ServerResponse) => {
    const answer = manager.answerOwner(JSON.parse(text) as OwnerQuestion);
    response.writeHead(answer === undefined ? 503 : 200).end(JSON.stringify(answer ?? {}));
  };
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://manager');
    if (url.pathname === '/internal/v1/feed') return follow(url.searchParams, response);
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    request.on('end', () => {
      if (url.pathname === '/internal/v1/resource-owners') answerOwner(text, response);
      else takeReport(text, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const timer = setInterval(() => {
    if (!manager.isSilent) for (const stream of streams) beat(stream);
  }, 200);
  const manager: FeedManager = {
    epoch: 'fee_1',
    get seq() {
      return seq;
    },
    reports: [],
    asked: [],
    reportStatus: 200,
    mangle: (entry) => entry,
    answerOwner: () => undefined,
    isSilent: false,
    commit(...changed) {
      seq += 1;
      const entries = changed.map(({ kind, id, payload }) => ({ seq, kind, id, serverGroupId: undefined, payload }));
      for (const entry of entries) objects.set(`${entry.kind} ${entry.id}`, entry);
      for (const stream of streams) write(stream, { type: 'changes', seq, entries: entries.map(manager.mangle) });
      return seq;
    },
    restore(epoch) {
      manager.epoch = epoch;
      seq = 1;
      for (const [key, entry] of objects) objects.set(key, { ...entry, seq: 1 });
      manager.disconnect();
    },
    disconnect() {
      for (const stream of streams) stream.destroy();
    },
    async stop() {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
    [Symbol.asyncDispose]: () => manager.stop(),
  };
  return manager;
}
