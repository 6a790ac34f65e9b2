import { sql } from 'kysely';
import type { ProjectRow } from '#core/model/overview/screens';
import type { ProjectKind } from '#core/model/project-kind';
import type { ManagerContext } from '../context.ts';
import { changedDrafts } from '../deployments/draft-state.ts';
import { type ListRequest, listRecords, type Page } from '../list.ts';
import { trafficOfProjects } from '../metrics/traffic.ts';
import { parseProject } from '../records/project.ts';
import type { ProjectTable } from '../tables.ts';
import { liveRowsOf, parseLive } from './live-version.ts';

const DAY_MS = 86_400_000;
const NO_TRAFFIC = { requests: 0, failed: 0 };

/** A page of projects with what runs of each, in a constant number of statements. */
export async function showProjects(
  context: ManagerContext,
  query: ListRequest & { readonly kind?: ProjectKind | undefined },
): Promise<Page<ProjectRow>> {
  const { read } = context.db;
  const conditions = query.kind === undefined ? [] : [sql`kind = ${query.kind}`];
  const { items, ...page } = await listRecords<ProjectTable>(read, 'projects', query, conditions);
  const live = await liveRowsOf(
    read,
    items.map(({ id }) => id),
  );
  const changed = await changedDrafts(context, items, ({ id }) => live.get(id)?.[0]);
  const traffic = await trafficOfProjects(
    context,
    items.map(({ name }) => name),
    context.clock.now() - DAY_MS,
  );
  return {
    ...page,
    items: items.map((row) => {
      const { id, name, displayName, kind, contextPath, revision, updatedAt, updatedBy } = parseProject(row);
      return {
        ...{ id, name, displayName, kind, contextPath, revision, updatedAt, updatedBy },
        live: (live.get(id) ?? []).map(parseLive),
        draftChanged: changed.has(id),
        ...(traffic !== undefined && { last24h: traffic.get(name) ?? NO_TRAFFIC }),
      };
    }),
  };
}
