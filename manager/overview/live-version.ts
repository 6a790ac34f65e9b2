import type { LiveVersion } from '#core/model/overview/screens';
import type { Reader } from '../database.ts';
import type { RunningVersion } from '../deployments/draft-state.ts';

/** What of a project runs on a server group, with the version behind it. */
export interface LiveRow extends RunningVersion {
  readonly id: string;
  readonly project_id: string;
  readonly server_group_id: string;
  readonly version: number;
  readonly kind: string;
  readonly previous_version: number | null;
  readonly created_at: number;
  readonly group_name: string;
  readonly group_display_name: string;
  /** Of the version: the draft's may be another one by now. */
  readonly context_path: string;
  /** JSON list of host names, of the version. */
  readonly hosts: string;
}

/** What runs of some projects, by project id, newest first, in one statement. */
export async function liveRowsOf(
  reader: Reader,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, readonly LiveRow[]>> {
  if (projectIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom('deployments')
    .innerJoin('server_groups', 'server_groups.id', 'deployments.server_group_id')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.project_id', '=', 'deployments.project_id')
        .onRef('versions.number', '=', 'deployments.version'),
    )
    .select(['deployments.id', 'deployments.project_id', 'deployments.server_group_id', 'deployments.version'])
    .select(['deployments.kind', 'deployments.previous_version', 'deployments.created_at'])
    .select(['server_groups.name as group_name', 'server_groups.display_name as group_display_name'])
    .select(['versions.draft_revision', 'versions.content_hash', 'versions.context_path', 'versions.hosts'])
    .where('deployments.project_id', 'in', [...projectIds])
    .where('deployments.state', '=', 'live')
    .orderBy('deployments.seq', 'desc')
    .execute();
  return Map.groupBy(rows, ({ project_id }) => project_id);
}

/** As the screens show it. */
export function parseLive(row: LiveRow): LiveVersion {
  return {
    serverGroup: row.group_name,
    serverGroupDisplayName: row.group_display_name,
    version: row.version,
    since: Number(row.created_at),
    deploymentId: row.id,
    ...(row.kind === 'rollback' && row.previous_version !== null && { rolledBackFrom: row.previous_version }),
  };
}
