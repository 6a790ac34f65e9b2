import type { Deployment, GatewayProgress } from '#core/model/deployment';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import type { DeploymentTable } from '../feed/tables.ts';
import { notFound } from '../records/record.ts';

const SETTLE_CHECK_MS = 1000;

/** A deployment's row with the names that are shown beside it. */
export interface NamedDeployment extends DeploymentTable {
  readonly project_name: string;
  readonly project_display_name: string;
  readonly group_name: string;
  readonly group_display_name: string;
}

/** Deployments with names; the group's names fall back to its id once it is deleted. */
export function selectDeployments(reader: Reader) {
  return reader
    .selectFrom('deployments')
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .leftJoin('server_groups', 'server_groups.id', 'deployments.server_group_id')
    .selectAll('deployments')
    .select(['projects.name as project_name', 'projects.display_name as project_display_name'])
    .select(({ fn, ref }) => [
      fn.coalesce('server_groups.name', ref('deployments.server_group_id')).as('group_name'),
      fn.coalesce('server_groups.display_name', ref('deployments.server_group_id')).as('group_display_name'),
    ]);
}

/** A deployment as shown, with how far each gateway is with it now. */
export async function showDeployment(context: ManagerContext, id: string): Promise<Deployment> {
  const { read } = context.db;
  const row = await selectDeployments(read).where('deployments.id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('deployment', id);
  return parseDeployment(row, progressOf(context, row, (await readHead(read)).epoch));
}

/** Gateways' progress; only what is in force has any: an older deployment was overtaken. */
export function progressOf(context: ManagerContext, row: NamedDeployment, epoch: string): GatewayProgress[] {
  const isInForce = row.state === 'live' || row.kind === 'undeploy';
  return isInForce ? context.services.gateways.progress(row, row.group_name, epoch) : [];
}

/** A deployment out of its row. */
export function parseDeployment(row: NamedDeployment, gateways: GatewayProgress[]): Deployment {
  return {
    id: row.id,
    projectId: row.project_id,
    project: row.project_name,
    projectDisplayName: row.project_display_name,
    serverGroup: row.group_name,
    serverGroupDisplayName: row.group_display_name,
    serverGroupId: row.server_group_id,
    version: row.version,
    state: parseState(row.state),
    ...(row.previous_version !== null && { previousVersion: row.previous_version }),
    kind: row.kind === 'rollback' || row.kind === 'undeploy' ? row.kind : 'deploy',
    note: row.note,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    seq: Number(row.seq),
    gateways,
  };
}

/**
 * Server-sent events of a deployment until every gateway has settled (runs it, refused it, or is lost): a `progress` event at once, so that
 * one may come back at any time, and one at each change. Its data is the deployment.
 */
export async function* streamProgress(context: ManagerContext, id: string, abort: AbortSignal): AsyncGenerator<string> {
  const { signal } = context.services.gateways;
  let told = '';
  while (!abort.aborted && !signal.closed) {
    const seen = signal.count;
    const shown = await showDeployment(context, id);
    const text = JSON.stringify(shown);
    yield text === told ? ': still waiting\n\n' : `event: progress\ndata: ${text}\n\n`;
    told = text;
    if (shown.gateways.every(({ state }) => state !== 'waiting')) return;
    await signal.next(seen, SETTLE_CHECK_MS, abort);
  }
}

function parseState(state: string): Deployment['state'] {
  if (state === 'live' || state === 'replaced' || state === 'rolled-back' || state === 'undeployed') return state;
  throw new Error(`There is no deployment state ${state}.`);
}
