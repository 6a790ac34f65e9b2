import * as z from 'zod';
import { diff } from '#core/model/deployment';
import { version } from '#core/model/version';
import { diffSnapshots } from '../deployments/diff.ts';
import { readState } from '../deployments/draft-state.ts';
import { findNewestVersion, getVersion, listVersions } from '../deployments/versions.ts';
import { decodeCursor, encodeCursor, pageFields, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { getProjectRow } from '../records/project.ts';

const listedVersion = version
  .omit({ snapshot: true })
  .extend({ liveOn: z.array(z.string()).describe('Names of the server groups that run it.') });

const stateReference = (fallback: string) =>
  z.string().max(140).optional().describe(`draft, v3, live:GROUP or nothing; default ${fallback}.`);

/** Versions: what deployments froze, and how states of a project differ. */
export const versionOperations = [
  operation({
    id: 'versions.list',
    method: 'GET',
    path: '/projects/:project/versions',
    permission: 'projects:read',
    summary: "List a project's versions, newest first.",
    params: pathParams('project'),
    query: z.strictObject(pageFields),
    response: pageOf(listedVersion),
    handler: async ({ context, params, query }) => {
      const project = await getProjectRow(context.db.read, params.project);
      const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, z.tuple([z.int()]))[0];
      const { items, total } = await listVersions(context.db.read, project, { before, limit: query.limit + 1 });
      const page = items.slice(0, query.limit);
      const last = page.at(-1);
      const next = items.length > query.limit && last !== undefined ? encodeCursor([last.number]) : undefined;
      return { body: { items: page, total, ...(next !== undefined && { next }) } };
    },
  }),
  operation({
    id: 'versions.get',
    method: 'GET',
    path: '/projects/:project/versions/:number',
    permission: 'projects:read',
    summary: 'Read a version with its snapshot.',
    params: z.strictObject({
      project: z.string().min(1).max(128).describe('Name or id.'),
      number: z
        .string()
        .regex(/^v?\d{1,9}$/)
        .describe('Its number: 3 or v3.'),
    }),
    response: version,
    handler: async ({ context, params }) => {
      const project = await getProjectRow(context.db.read, params.project);
      return { body: await getVersion(context.db.read, project, Number(params.number.replace('v', ''))) };
    },
  }),
  operation({
    id: 'projects.diff',
    method: 'GET',
    path: '/projects/:project/diff',
    permission: 'projects:read',
    summary: 'Say how two states of a project differ, as sentences and JSON pointers.',
    params: pathParams('project'),
    query: z.strictObject({ from: stateReference('the newest version'), to: stateReference('draft') }),
    response: diff,
    handler: async ({ context, params, query }) => {
      const project = await getProjectRow(context.db.read, params.project);
      const newest = query.from === undefined ? await findNewestVersion(context.db.read, project.id) : undefined;
      const fallback = newest === undefined ? 'nothing' : `v${newest.number}`;
      const from = await readState(context, project, query.from ?? fallback);
      const to = await readState(context, project, query.to ?? 'draft');
      const changes = diffSnapshots(from.snapshot, to.snapshot);
      return { body: { project: project.name, from: from.name, to: to.name, changes } };
    },
  }),
];
