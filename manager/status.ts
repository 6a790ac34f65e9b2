import { sql } from 'kysely';
import type { Gateway } from '#core/model/server-group';
import type { ManagerContext } from './context.ts';
import type { Database } from './database.ts';
import { isDraftChanged } from './deployments/draft-state.ts';
import { type FeedHead, readHead } from './feed/append.ts';

/** What runs of a project, and whether its draft says something else. */
export interface ProjectStatus {
  readonly name: string;
  readonly displayName: string;
  readonly live: { readonly serverGroup: string; readonly version: number }[];
  readonly draftChanged: boolean;
}

/** The state of everything, for one look. */
export interface Status {
  readonly head: FeedHead;
  readonly gateways: Gateway[];
  readonly projects: ProjectStatus[];
  readonly counts: Record<string, number>;
}

const COUNTED = [
  'projects',
  'products',
  'clients',
  'subscriptions',
  'server_groups',
] as const satisfies readonly (keyof Database)[];
const MINUTE_MS = 60_000;

/** Reads it together. The numbers of requests are left out when the exchange records cannot be asked. */
export async function readStatus(context: ManagerContext): Promise<Status> {
  const head = await readHead(context.db.read);
  return {
    head,
    gateways: context.services.gateways.list(head),
    projects: await readProjects(context),
    counts: { ...(await countRecords(context)), ...(await countRequests(context)) },
  };
}

async function readProjects(context: ManagerContext): Promise<ProjectStatus[]> {
  const { read } = context.db;
  const projects = await read.selectFrom('projects').selectAll().orderBy('display_key').execute();
  const live = await read
    .selectFrom('deployments')
    .innerJoin('server_groups', 'server_groups.id', 'deployments.server_group_id')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.project_id', '=', 'deployments.project_id')
        .onRef('versions.number', '=', 'deployments.version'),
    )
    .select([
      'deployments.project_id',
      'deployments.version',
      'server_groups.name as group_name',
      'versions.draft_revision',
      'versions.content_hash',
    ])
    .where('deployments.state', '=', 'live')
    .orderBy('deployments.seq', 'desc')
    .execute();
  const byProject = Map.groupBy(live, ({ project_id }) => project_id);
  return Promise.all(
    projects.map(async (project) => {
      const running = byProject.get(project.id) ?? [];
      return {
        name: project.name,
        displayName: project.display_name,
        live: running.map(({ group_name, version }) => ({ serverGroup: group_name, version })),
        draftChanged: await isDraftChanged(context, project, running[0]),
      };
    }),
  );
}

async function countRecords({ db }: ManagerContext): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of COUNTED) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db.read);
    counts[table === 'server_groups' ? 'serverGroups' : table] = Number(rows[0]?.n ?? 0);
  }
  return counts;
}

async function countRequests({ services, clock, logger }: ManagerContext): Promise<Record<string, number>> {
  const since = clock.now() - MINUTE_MS;
  try {
    const [all, clientErrors, serverErrors] = await Promise.all([
      services.exchanges.count({ since }),
      services.exchanges.count({ since, status: '4xx' }),
      services.exchanges.count({ since, status: '5xx' }),
    ]);
    return {
      requestsLastMinute: all ?? 0,
      clientErrorsLastMinute: clientErrors ?? 0,
      serverErrorsLastMinute: serverErrors ?? 0,
    };
  } catch (error) {
    logger.warn({ err: error }, 'The exchange records could not be asked for the status.');
    return {};
  }
}
