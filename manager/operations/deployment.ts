import { Readable } from 'node:stream';
import * as z from 'zod';
import {
  createDeployment,
  deployment,
  diff,
  rollbackDeployment,
  undeploy as undeployBody,
} from '#core/model/deployment';
import { deploy, previewDeploy } from '../deployments/deploy.ts';
import {
  parseDeployment,
  progressOf,
  selectDeployments,
  showDeployment,
  streamProgress,
} from '../deployments/deployment-view.ts';
import { previewRollback, rollback, undeploy } from '../deployments/rollback.ts';
import { readHead } from '../feed/append.ts';
import { decodeCursor, encodeCursor, pageFields, pageOf } from '../list.ts';
import { operation, pathParams, streamed } from '../operation.ts';

const preview = z.strictObject({
  diff,
  checks: z
    .array(z.strictObject({ name: z.string(), ok: z.boolean(), message: z.string() }))
    .describe('What was checked; a deployment is refused when one is not ok.'),
  version: z.int().optional().describe('The version that would be placed, when it exists already.'),
});

const listFilters = {
  project: z.string().max(128).optional().describe('Name or id of the project.'),
  serverGroup: z.string().max(128).optional().describe('Name or id of the server group.'),
  state: deployment.shape.state.optional(),
};

/** Deployments: versions placed on server groups. */
export const deploymentOperations = [
  operation({
    id: 'deployments.create',
    method: 'POST',
    path: '/deployments',
    permission: 'deployments:write',
    summary: 'Deploy the draft or a version of a project to a server group.',
    body: createDeployment,
    response: z.union([deployment, preview]),
    status: 201,
    handler: async ({ context, actor, body }) => {
      if (body.dryRun) {
        const { diff: changes, checks, version } = await previewDeploy(context, body);
        const shown = checks.map(({ name, ok, message }) => ({ name, ok, message }));
        return { status: 200, body: { diff: changes, checks: shown, ...(version !== undefined && { version }) } };
      }
      const { id } = await deploy(context, actor, body);
      return { body: await showDeployment(context, id), location: `/deployments/${id}` };
    },
  }),
  operation({
    id: 'deployments.list',
    method: 'GET',
    path: '/deployments',
    permission: 'deployments:read',
    summary: 'List deployments, newest first.',
    query: z.strictObject({ ...pageFields, ...listFilters }),
    response: pageOf(deployment),
    handler: async ({ context, query }) => {
      const { read } = context.db;
      const { project, serverGroup, state, limit } = query;
      const wanted = selectDeployments(read)
        .$if(project !== undefined, (rows) =>
          rows.where((is) => is.or([is('projects.id', '=', project ?? ''), is('projects.name', '=', project ?? '')])),
        )
        .$if(serverGroup !== undefined, (rows) =>
          rows.where((is) =>
            is.or([is('server_groups.id', '=', serverGroup ?? ''), is('server_groups.name', '=', serverGroup ?? '')]),
          ),
        )
        .$if(state !== undefined, (rows) => rows.where('deployments.state', '=', state ?? ''));
      const counted = await read
        .selectFrom(wanted.as('wanted'))
        .select(({ fn }) => fn.countAll().as('n'))
        .executeTakeFirst();
      const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, z.tuple([z.int()]))[0];
      const rows = await wanted
        .where('deployments.seq', '<', before ?? Number.MAX_SAFE_INTEGER)
        .orderBy('deployments.seq', 'desc')
        .limit(limit + 1)
        .execute();
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const { epoch } = await readHead(read);
      return {
        body: {
          items: page.map((row) => parseDeployment(row, progressOf(context, row, epoch))),
          total: Number(counted?.n ?? 0),
          ...(rows.length > limit && last !== undefined && { next: encodeCursor([Number(last.seq)]) }),
        },
      };
    },
  }),
  operation({
    id: 'deployments.get',
    method: 'GET',
    path: '/deployments/:deployment',
    permission: 'deployments:read',
    summary: 'Read a deployment and how far each gateway is with it.',
    params: pathParams('deployment'),
    response: deployment,
    handler: async ({ context, params }) => ({ body: await showDeployment(context, params.deployment) }),
  }),
  operation({
    id: 'deployments.events',
    method: 'GET',
    path: '/deployments/:deployment/events',
    permission: 'deployments:read',
    summary: 'Follow a deployment: `progress` events with the deployment, until every gateway has settled.',
    params: pathParams('deployment'),
    response: streamed,
    media: 'text/event-stream',
    handler: async ({ context, params, signal }) => {
      await showDeployment(context, params.deployment); // an unknown one is a problem, not an empty stream
      const events = streamProgress(context, params.deployment, signal);
      return { body: Readable.from(events, { objectMode: false }) };
    },
  }),
  operation({
    id: 'deployments.rollback',
    method: 'POST',
    path: '/deployments/rollback',
    permission: 'deployments:write',
    summary: 'Place the version that ran before, or a named one, again.',
    body: rollbackDeployment,
    response: z.union([deployment, diff]),
    status: 201,
    handler: async ({ context, actor, body }) => {
      if (body.dryRun) return { status: 200, body: await previewRollback(context, body) };
      const { id } = await rollback(context, actor, body);
      return { body: await showDeployment(context, id), location: `/deployments/${id}` };
    },
  }),
  operation({
    id: 'deployments.undeploy',
    method: 'POST',
    path: '/deployments/undeploy',
    permission: 'deployments:write',
    summary: 'Take a project off a server group.',
    body: undeployBody,
    response: deployment,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const { id } = await undeploy(context, actor, body);
      return { body: await showDeployment(context, id), location: `/deployments/${id}` };
    },
  }),
];
