import * as z from 'zod';
import { type Deployment, deployment } from '#core/model/deployment';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readHead } from '../feed/append.ts';
import { decodeCursor, encodeCursor, type Page } from '../list.ts';
import { type NamedDeployment, parseDeployment, progressOf, selectDeployments } from './deployment-view.ts';

/** The fields of a query that narrow a list of deployments. */
export const deploymentFilters = {
  project: z.string().max(128).optional().describe('Name or id of the project.'),
  serverGroup: z.string().max(128).optional().describe('Name or id of the server group.'),
  state: deployment.shape.state.optional(),
};

/** Which deployments are wanted. */
export interface DeploymentFilter {
  readonly project?: string | undefined;
  readonly serverGroup?: string | undefined;
  readonly state?: Deployment['state'] | undefined;
}

/**
 * A page of deployments, newest first, walking along the index of what they are narrowed by. Nothing matches a project or server group that
 * does not exist.
 * @throws ProblemError `validation_failed` when the cursor is not one of this list
 */
export async function listDeployments(
  context: ManagerContext,
  asked: DeploymentFilter & { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<Deployment>> {
  const { read } = context.db;
  const { limit, state } = asked;
  const projectId = await idOf(read, 'projects', asked.project);
  const groupId = await idOf(read, 'server_groups', asked.serverGroup);
  const counted = await read
    .selectFrom('deployments')
    .select(({ fn }) => fn.countAll().as('n'))
    .$if(projectId !== undefined, (rows) => rows.where('project_id', '=', projectId ?? ''))
    .$if(groupId !== undefined, (rows) => rows.where('server_group_id', '=', groupId ?? ''))
    .$if(state !== undefined, (rows) => rows.where('state', '=', state ?? ''))
    .executeTakeFirst();
  const before = asked.cursor === undefined ? undefined : decodeCursor(asked.cursor, z.tuple([z.int()]))[0];
  const rows: NamedDeployment[] = await selectDeployments(read)
    .$if(projectId !== undefined, (found) => found.where('deployments.project_id', '=', projectId ?? ''))
    .$if(groupId !== undefined, (found) => found.where('deployments.server_group_id', '=', groupId ?? ''))
    .$if(state !== undefined, (found) => found.where('deployments.state', '=', state ?? ''))
    .where('deployments.seq', '<', before ?? Number.MAX_SAFE_INTEGER)
    .orderBy('deployments.seq', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const { epoch } = await readHead(read);
  return {
    items: page.map((row) => parseDeployment(row, progressOf(context, row, epoch))),
    total: Number(counted?.n ?? 0),
    ...(rows.length > limit && last !== undefined && { next: encodeCursor([Number(last.seq)]) }),
  };
}

/** The id behind a name or id; what is not known is taken for an id that nothing has. */
async function idOf(
  reader: Reader,
  table: 'projects' | 'server_groups',
  reference: string | undefined,
): Promise<string | undefined> {
  if (reference === undefined) return undefined;
  const row = await reader
    .selectFrom(table)
    .select('id')
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  return row?.id ?? reference;
}
