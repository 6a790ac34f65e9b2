import { OTHER_CLIENTS } from '#core/model/exchange-count';
import type { Monitor } from '#core/model/overview/traffic';
import { findReason } from '#core/reasons/catalogue';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import type { RangeNumbers } from '../exchanges/count-reader.ts';
import { findMarkers } from './deployment-markers.ts';
import { keptCounts } from './kept-range.ts';
import { monitorRange } from './monitor-range.ts';
import { findNotices } from './notices.ts';
import { pointOf } from './traffic.ts';

const MINUTE_MS = 60_000;

/** What is asked of the Monitor. */
export interface MonitorQuery {
  /** Names; left out: all. */
  readonly serverGroup?: string | undefined;
  readonly project?: string | undefined;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

/**
 * The Monitor's numbers: three questions to the store of counts, one each to the database for names, deployments and notices.
 * @throws UnavailableError when the counts cannot be asked
 */
export async function readMonitor(context: ManagerContext, query: MonitorQuery): Promise<Monitor> {
  const { db, clock, services } = context;
  const { project, serverGroup } = query;
  const now = clock.now();
  const { buckets, before, ...points } = monitorRange(query, keptCounts(context));
  const where = { project, ...(serverGroup !== undefined && { serverGroups: [serverGroup] }) };
  const [numbers, earlier, deployments, notices] = await Promise.all([
    services.exchanges.numbers({ buckets, ...where }, points),
    services.exchanges.classes({ buckets: before, ...where }),
    findMarkers(db.read, { from: points.from, to: points.to, project, serverGroup }),
    findNotices(context, { now, project, serverGroup }),
  ]);
  const { requests, clientErrors, serverErrors, ...percentiles } = numbers.totals;
  const minutes = Math.max(1, Math.min(points.to, now) - points.from) / MINUTE_MS;
  return {
    ...points,
    totals: { requests, perMinute: rounded(requests / minutes), clientErrors, serverErrors, ...percentiles },
    before: {
      requests: earlier.requests,
      failed: earlier.clientErrors + earlier.serverErrors,
      serverErrors: earlier.serverErrors,
    },
    series: numbers.series.map(pointOf),
    statuses: [...numbers.statuses],
    reasons: numbers.reasons.map((reason) => ({ ...reason, title: findReason(reason.code)?.title ?? reason.code })),
    topClients: await namedClients(db.read, numbers.callers),
    deployments,
    notices,
  };
}

async function namedClients(reader: Reader, callers: RangeNumbers['callers']): Promise<Monitor['topClients']> {
  const ids = callers.map(({ clientId }) => clientId);
  const rows =
    ids.length === 0
      ? []
      : await reader.selectFrom('clients').select(['id', 'name', 'display_name']).where('id', 'in', ids).execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  return callers.map((caller) => {
    const row = known.get(caller.clientId);
    return row === undefined
      ? { ...caller, displayName: nameless(caller.clientId) }
      : { ...caller, name: row.name, displayName: row.display_name };
  });
}

function nameless(clientId: string): string {
  if (clientId === '') return 'Not known';
  return clientId === OTHER_CLIENTS ? 'Other clients' : 'Deleted client';
}

/** To a tenth: more says nothing. */
function rounded(perMinute: number): number {
  return Math.round(perMinute * 10) / 10;
}
