import * as z from 'zod';
import type { ProjectOverview } from '#core/model/overview/screens';
import type { Project } from '#core/model/project';
import type { Gateway, ServerGroup } from '#core/model/server-group';
import type { Reader } from '../database.ts';
import { parseServerGroup } from '../records/server-group.ts';
import { groupUrl, projectUrl } from './group-url.ts';
import type { LiveRow } from './live-version.ts';

/** Server groups that are offered as places; there are few. */
const GROUPS_SHOWN = 100;
const TOKEN_URLS_SHOWN = 20;
const hostList = z.array(z.string());

/** The server groups in the order of their names, at most 100. */
export async function listGroups(reader: Reader): Promise<ServerGroup[]> {
  const rows = await reader
    .selectFrom('server_groups')
    .selectAll()
    .orderBy('display_key')
    .orderBy('id')
    .limit(GROUPS_SHOWN)
    .execute();
  return rows.map(parseServerGroup);
}

/** Where a project is, or would be, called on each server group that has an address. */
export function urlsOf(
  project: Project,
  live: readonly LiveRow[],
  places: { readonly groups: readonly ServerGroup[]; readonly gateways: readonly Gateway[] },
): ProjectOverview['urls'] {
  return places.groups.flatMap((group) => {
    const base = groupUrl(group, places.gateways);
    if (base === undefined) return [];
    const running = live.find(({ server_group_id }) => server_group_id === group.id);
    const path =
      running === undefined
        ? project
        : { contextPath: running.context_path, hosts: hostList.parse(JSON.parse(running.hosts)) };
    const url = projectUrl(base, path);
    const { name, displayName } = group;
    return [{ serverGroup: name, serverGroupDisplayName: displayName, url, isLive: running !== undefined }];
  });
}

/** Token end points that run, in one statement, with their URLs where the group has an address. */
export async function tokenUrlsOf(
  reader: Reader,
  places: { readonly groups: readonly ServerGroup[]; readonly gateways: readonly Gateway[] },
): Promise<ProjectOverview['tokenUrls']> {
  const rows = await reader
    .selectFrom('projects')
    .innerJoin('deployments', 'deployments.project_id', 'projects.id')
    .innerJoin('versions', (join) =>
      join.onRef('versions.project_id', '=', 'projects.id').onRef('versions.number', '=', 'deployments.version'),
    )
    .select(['projects.name', 'deployments.server_group_id', 'versions.context_path', 'versions.hosts'])
    .where('projects.kind', '=', 'oauth-token-endpoint')
    .where('deployments.state', '=', 'live')
    .orderBy('projects.display_key')
    .limit(TOKEN_URLS_SHOWN)
    .execute();
  return rows.flatMap((row) => {
    const group = places.groups.find(({ id }) => id === row.server_group_id);
    const base = group === undefined ? undefined : groupUrl(group, places.gateways);
    if (group === undefined || base === undefined) return [];
    const hosts = hostList.parse(JSON.parse(row.hosts));
    const url = projectUrl(base, { contextPath: row.context_path, hosts });
    return [{ serverGroup: group.name, url, project: row.name }];
  });
}
