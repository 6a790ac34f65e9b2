import type { TrafficNotice } from '#core/model/overview/traffic';
import { duration } from '#core/reasons/reason';
import type { ManagerContext } from '../context.ts';
import { type NamedDeployment, selectDeployments } from '../deployments/deployment-view.ts';
import { findServerErrorRun, type ServerErrorRun } from './server-error-run.ts';
import { unlessAway } from './traffic.ts';

/** Deployments of longer ago are not taken for the cause. */
const LOOKED_BACK_MS = 60 * 60_000;
const COMPARED_MS = 30 * 60_000;
const DEPLOYMENTS_LIMIT = 50;
const BUCKET_MS = 5000;

/** Where to look. */
export interface NoticeQuery {
  readonly now: number;
  /** Name of the project; left out: all. */
  readonly project?: string | undefined;
  /** Name of the server group; left out: all. */
  readonly serverGroup?: string | undefined;
}

/**
 * What went wrong since a deployment: the share of 5xx of its project on its server group is at least 5 points higher than in the half hour
 * before it. Said of deployments of the last hour that are in force, while it goes on; newest first. Nothing when the counts cannot be asked.
 */
export async function findNotices(context: ManagerContext, query: NoticeQuery): Promise<TrafficNotice[]> {
  const deployments = await recentDeployments(context, query);
  if (deployments.length === 0) return [];
  const { exchanges } = context.services;
  const turns = deployments.map((row) => ({
    ...placeOf(row),
    at: Number(row.created_at),
    beforeMs: COMPARED_MS,
    afterMs: LOOKED_BACK_MS,
  }));
  const numbers = await unlessAway(exchanges.around(turns, query.now));
  const notices = deployments.map(async (row, i): Promise<TrafficNotice[]> => {
    const found = numbers?.[i];
    const run = found === undefined ? undefined : findServerErrorRun(found);
    if (run === undefined) return [];
    const from = Math.max(run.from, Number(row.created_at));
    const first = await unlessAway(exchanges.firstServerError(placeOf(row), from, run.from + BUCKET_MS));
    return [noticeOf(row, run, first ?? from)];
  });
  return (await Promise.all(notices)).flat();
}

async function recentDeployments(
  { db }: ManagerContext,
  { now, project, serverGroup }: NoticeQuery,
): Promise<NamedDeployment[]> {
  let wanted = selectDeployments(db.read)
    .where('deployments.state', '=', 'live')
    .where('deployments.previous_version', 'is not', null);
  if (project !== undefined) wanted = wanted.where('projects.name', '=', project);
  if (serverGroup !== undefined) wanted = wanted.where('server_groups.name', '=', serverGroup);
  // Along the index of what is in force, newest first; what of these is too old is left out here, or all would be looked through for it.
  const newest = await wanted.orderBy('deployments.seq', 'desc').limit(DEPLOYMENTS_LIMIT).execute();
  return newest.filter((row) => Number(row.created_at) >= now - LOOKED_BACK_MS);
}

function placeOf(row: NamedDeployment) {
  return { project: row.project_name, serverGroup: row.group_name, version: row.version };
}

function noticeOf(row: NamedDeployment, run: ServerErrorRun, since: number): TrafficNotice {
  const { before, after } = run;
  return {
    sentence: sentenceOf(row, run, since),
    deploymentId: row.id,
    project: row.project_name,
    projectDisplayName: row.project_display_name,
    serverGroup: row.group_name,
    serverGroupDisplayName: row.group_display_name,
    version: row.version,
    ...(row.previous_version !== null && { previousVersion: row.previous_version }),
    ...{ before, after, since },
  };
}

function sentenceOf(row: NamedDeployment, { before, after }: ServerErrorRun, since: number): string {
  const time = `${new Date(since).toISOString().slice(11, 16)} UTC`;
  const later = since - Number(row.created_at);
  const act =
    row.kind === 'rollback'
      ? `${row.project_display_name} was rolled back to v${row.version}`
      : `${row.project_display_name} v${row.version} was deployed`;
  const began = later < 1000 ? `It began as ${act}.` : `It began ${duration(later)} after ${act}.`;
  return `5xx went from ${percent(before)} to ${percent(after)} at ${time}. ${began}`;
}

/** `0%`, `0.4%`, `48%`. */
function percent(share: number): string {
  const points = share * 100;
  return `${points > 0 && points < 10 ? Number(points.toFixed(1)) : Math.round(points)}%`;
}
