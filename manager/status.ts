import { sql } from 'kysely';
import type { Gateway } from '#core/model/server-group';
import type { TokenStoreHealth } from '#core/model/token-store';
import type { ManagerContext } from './context.ts';
import type { Database } from './database.ts';
import { changedDrafts } from './deployments/draft-state.ts';
import { listOpenDrafts } from './deployments/open-draft.ts';
import { type FeedHead, readHead } from './feed/append.ts';
import { trafficOfLastMinute } from './metrics/traffic.ts';
import { liveRowsOf } from './overview/live-version.ts';
import { parseTokenStore } from './records/token-store.ts';
import type { ProjectTable } from './tables.ts';
import { checkHealth } from './token-stores/health.ts';

/** What runs of a project, and whether its draft says something else. */
export interface ProjectStatus {
  readonly name: string;
  readonly displayName: string;
  readonly live: { readonly serverGroup: string; readonly version: number }[];
  readonly draftChanged: boolean;
}

/** How a token store does. Why it does not is in what needs attention, and with the store itself. */
export interface TokenStoreStatus extends Pick<TokenStoreHealth, 'state' | 'ms' | 'records'> {
  readonly name: string;
  readonly kind: string;
  readonly isDefault: boolean;
}

/** The state of everything, for one look. */
export interface Status {
  readonly head: FeedHead;
  readonly gateways: Gateway[];
  /** By name, at most 50. */
  readonly tokenStores: TokenStoreStatus[];
  /** All of them while there are few; otherwise those whose draft was changed since it was placed. At most 50. */
  readonly projects: ProjectStatus[];
  /** Projects that are not listed. */
  readonly moreProjects: number;
  readonly counts: Record<string, number>;
}

const COUNTED = [
  'projects',
  'products',
  'clients',
  'subscriptions',
  'server_groups',
] as const satisfies readonly (keyof Database)[];
const PROJECTS_SHOWN = 50;
const STORES_SHOWN = 50;

/** Reads it together. The numbers of requests are left out when the exchange records cannot be asked. */
export async function readStatus(context: ManagerContext): Promise<Status> {
  const head = await readHead(context.db.read);
  const counts = await countRecords(context);
  const projects = await readProjects(context, counts.projects ?? 0);
  return {
    head,
    gateways: context.services.gateways.list(head),
    tokenStores: await readTokenStores(context),
    projects,
    moreProjects: (counts.projects ?? 0) - projects.length,
    counts: { ...counts, ...(await countRequests(context)) },
  };
}

async function readTokenStores({ db, tokenStores, clock }: ManagerContext): Promise<TokenStoreStatus[]> {
  const rows = await db.read.selectFrom('token_stores').selectAll().orderBy('name').limit(STORES_SHOWN).execute();
  const opened = tokenStores.opened();
  return Promise.all(
    rows.map(async (row) => {
      const { name, kind, isDefault } = parseTokenStore(row, tokenStores.configured.kind);
      const here = opened.find((store) => store.name === name);
      const { state, ms, records } = await checkHealth(here, clock);
      return {
        ...{ name, kind, isDefault, state },
        ...(ms !== undefined && { ms }),
        ...(records !== undefined && { records }),
      };
    }),
  );
}

async function readProjects(context: ManagerContext, count: number): Promise<ProjectStatus[]> {
  const { read } = context.db;
  const isAll = count <= PROJECTS_SHOWN;
  const projects: readonly ProjectTable[] = isAll
    ? await read.selectFrom('projects').selectAll().orderBy('display_key').limit(PROJECTS_SHOWN).execute()
    : (await listOpenDrafts(read, { limit: PROJECTS_SHOWN })).items;
  const live = await liveRowsOf(
    read,
    projects.map(({ id }) => id),
  );
  const changed = await changedDrafts(context, projects, ({ id }) => live.get(id)?.[0]);
  return projects
    .filter(({ id }) => isAll || changed.has(id))
    .map(({ id, name, display_name }) => ({
      name,
      displayName: display_name,
      live: (live.get(id) ?? []).map(({ group_name, version }) => ({ serverGroup: group_name, version })),
      draftChanged: changed.has(id),
    }));
}

/** How many records there are of what. */
export async function countRecords({ db }: ManagerContext): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of COUNTED) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db.read);
    counts[table === 'server_groups' ? 'serverGroups' : table] = Number(rows[0]?.n ?? 0);
  }
  return counts;
}

async function countRequests(context: ManagerContext): Promise<Record<string, number>> {
  const traffic = await trafficOfLastMinute(context);
  if (traffic === undefined) {
    context.logger.warn({}, 'The exchange records could not be asked for the status.');
    return {};
  }
  return {
    requestsLastMinute: traffic.requests,
    clientErrorsLastMinute: traffic.clientErrors,
    serverErrorsLastMinute: traffic.serverErrors,
  };
}
