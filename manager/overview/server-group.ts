import type { ServerGroupOverview, ServerGroupRow } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { type ListRequest, listRecords, type Page } from '../list.ts';
import { getServerGroup, parseServerGroup } from '../records/server-group.ts';
import type { ServerGroupTable } from '../tables.ts';

const LIVE_SHOWN = 200;

/** A page of server groups, with how many gateways and projects each has. */
export async function showServerGroups(context: ManagerContext, query: ListRequest): Promise<Page<ServerGroupRow>> {
  const { read } = context.db;
  const { items, ...page } = await listRecords<ServerGroupTable>(read, 'server_groups', query);
  const gateways = context.services.gateways.list(await readHead(read));
  const projects = await countLive(
    read,
    items.map(({ id }) => id),
  );
  return {
    ...page,
    items: items.map((row) => {
      const own = gateways.filter(({ serverGroup }) => serverGroup === row.name);
      return {
        serverGroup: parseServerGroup(row),
        gateways: { ready: own.filter(({ state }) => state === 'ready').length, total: own.length },
        projects: projects.get(row.id) ?? 0,
      };
    }),
  };
}

/** A server group with its gateways, and the newest 200 of what runs there. @throws ProblemError `not_found` */
export async function showServerGroup(context: ManagerContext, reference: string): Promise<ServerGroupOverview> {
  const { read } = context.db;
  const group = await getServerGroup(read, reference);
  const head = await readHead(read);
  const live = await read
    .selectFrom('deployments')
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .select(['projects.name', 'projects.display_name', 'deployments.version', 'deployments.created_at'])
    .where('deployments.server_group_id', '=', group.id)
    .where('deployments.state', '=', 'live')
    .orderBy('deployments.seq', 'desc')
    .limit(LIVE_SHOWN)
    .execute();
  return {
    serverGroup: group,
    gateways: context.services.gateways.list(head).filter(({ serverGroup }) => serverGroup === group.name),
    seq: head.seq,
    projects: (await countLive(read, [group.id])).get(group.id) ?? 0,
    live: live.map(({ name, display_name, version, created_at }) => ({
      project: name,
      projectDisplayName: display_name,
      version,
      since: Number(created_at),
    })),
  };
}

async function countLive(reader: Reader, groupIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (groupIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom('deployments')
    .select('server_group_id')
    .select(({ fn }) => fn.countAll().as('n'))
    .where('server_group_id', 'in', [...groupIds])
    .where('state', '=', 'live')
    .groupBy('server_group_id')
    .execute();
  return new Map(rows.map(({ server_group_id, n }) => [server_group_id, Number(n)]));
}
