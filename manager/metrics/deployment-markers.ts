import type { DeploymentMarker } from '#core/model/overview/traffic';
import type { Reader } from '../database.ts';
import { parseDeployment, selectDeployments } from '../deployments/deployment-view.ts';

/** Most markers of a chart, the newest. */
const MARKERS_LIMIT = 100;

/** Deployments, roll backs and undeployments of a stretch of time, oldest first. */
export async function findMarkers(
  reader: Reader,
  wanted: {
    readonly from: number;
    readonly to: number;
    readonly project?: string | undefined;
    readonly serverGroup?: string | undefined;
  },
): Promise<DeploymentMarker[]> {
  let found = selectDeployments(reader)
    .where('deployments.created_at', '>=', wanted.from)
    .where('deployments.created_at', '<', wanted.to);
  if (wanted.project !== undefined) found = found.where('projects.name', '=', wanted.project);
  if (wanted.serverGroup !== undefined) found = found.where('server_groups.name', '=', wanted.serverGroup);
  const rows = await found.orderBy('deployments.created_at', 'desc').limit(MARKERS_LIMIT).execute();
  return rows.reverse().map((row) => {
    const { id, project, projectDisplayName, serverGroup, version, kind, createdAt } = parseDeployment(row, []);
    return { at: createdAt, deploymentId: id, project, projectDisplayName, serverGroup, version, kind };
  });
}
