import type { ProjectSnapshot } from '#core/model/version';
import type { Reader } from '../database.ts';
import type { DeployCheck } from './deploy-checks.ts';
import { quoted } from './diff-words.ts';
import type { Place } from './placement.ts';

/**
 * The check of a place: compares a snapshot's path and hosts with those of every other project that is live in the group, since no two may be
 * served at the same path and host (decision 17).
 */
export async function checkPath(reader: Reader, snapshot: ProjectSnapshot, place: Place): Promise<DeployCheck> {
  const { contextPath, hosts } = snapshot.project;
  const { project, group } = place;
  const others = await reader
    .selectFrom('deployments')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.project_id', '=', 'deployments.project_id')
        .onRef('versions.number', '=', 'deployments.version'),
    )
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .select(['projects.name', 'projects.display_name', 'versions.hosts'])
    .where('deployments.server_group_id', '=', group.id)
    .where('deployments.state', '=', 'live')
    .where('deployments.project_id', '!=', project.id)
    .where('versions.context_path', '=', contextPath)
    .execute();
  const taken = others.find((other) => hostsMeet(JSON.parse(other.hosts), hosts));
  const check = { name: 'path', errors: [], fixes: [] };
  if (taken === undefined) return { ...check, ok: true, message: `${contextPath} is free in ${group.displayName}.` };
  const message = `Path ${contextPath} is already served by ${quoted(taken.display_name)} in ${group.displayName}.`;
  return {
    ...check,
    ok: false,
    message,
    errors: [{ pointer: '/project/contextPath', code: 'path_taken', message }],
    fixes: [
      { text: 'Change the path.', command: `gatewright project set ${project.name} contextPath=${contextPath}-v2` },
      { text: 'Free the path.', command: `gatewright undeploy ${taken.name} --on ${group.name}` },
      { text: 'Use another server group.', command: `gatewright deploy ${project.name} --to GROUP` },
    ],
  };
}

/** Two projects at one path meet when both take every host, or one of the hosts is the same. A named host wins over "every host". */
function hostsMeet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 ? a.length === b.length : a.some((host) => b.includes(host));
}
