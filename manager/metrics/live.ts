import { COUNT_BUCKET_MS } from '#core/model/exchange-count';
import type { TrafficLive } from '#core/model/overview/traffic';
import type { Principal } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';
import { bucketOf, evenBuckets } from '../exchanges/count-steps.ts';
import { isStillEntitled } from './still-entitled.ts';
import { pointOf, unlessAway } from './traffic.ts';

/** Something is said at least so often, so that whoever listens knows when nothing comes any more. */
const HEARTBEAT_MS = 4000;
/** Not more often than this, however many gateways report. */
const PAUSE_MS = 1000;
/** Buckets that may still change: the present one, and those for which counts come late. */
const NEWEST_BUCKETS = 4;

/** What is listened to. */
export interface LiveQuery {
  /** Names; left out: all. */
  readonly project?: string | undefined;
  readonly serverGroup?: string | undefined;
}

/**
 * Server-sent events `traffic`: the newest buckets, which replace what was said of them before, and how many records have arrived. At once, when
 * something arrived (once a second at most), and every 4 s. Ends when whoever listens may not any more, or when the manager stops.
 */
export async function* streamTraffic(
  context: ManagerContext,
  query: LiveQuery,
  listener: { readonly principal: Principal | undefined; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const { arrivals } = context.services.exchanges;
  while (!listener.signal.aborted && !arrivals.signal.closed) {
    const seen = arrivals.signal.count;
    if (!(await isStillEntitled(context, listener.principal))) {
      yield 'event: ended\ndata: {}\n\n';
      return;
    }
    const news = await unlessAway(readNews(context, query));
    yield news === undefined
      ? ': the counts cannot be read at the moment\n\n'
      : `event: traffic\ndata: ${JSON.stringify(news)}\n\n`;
    await pause(PAUSE_MS, listener.signal);
    await arrivals.signal.next(seen, HEARTBEAT_MS - PAUSE_MS, listener.signal);
  }
}

async function readNews(context: ManagerContext, { project, serverGroup }: LiveQuery): Promise<TrafficLive> {
  const { clock, services } = context;
  const now = clock.now();
  const to = bucketOf(now, COUNT_BUCKET_MS) + COUNT_BUCKET_MS;
  const points = { from: to - NEWEST_BUCKETS * COUNT_BUCKET_MS, to, stepMs: COUNT_BUCKET_MS };
  const range = {
    buckets: evenBuckets(points.from, to, COUNT_BUCKET_MS),
    project,
    ...(serverGroup !== undefined && { serverGroups: [serverGroup] }),
  };
  const { arrivals } = services.exchanges;
  // Counted before the counts are read: what arrives in between is told next time.
  const { recorded, newestAt } = arrivals;
  const { series } = await services.exchanges.numbers(range, points);
  return { at: now, stepMs: COUNT_BUCKET_MS, points: series.map(pointOf), recorded, ...(newestAt > 0 && { newestAt }) };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
