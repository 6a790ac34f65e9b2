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
import { deploymentFilters, listDeployments } from '../deployments/deployment-list.ts';
import { showDeployment, streamProgress } from '../deployments/deployment-view.ts';
import { previewRollback, rollback, undeploy } from '../deployments/rollback.ts';
import { pageFields, pageOf } from '../list.ts';
import { operation, pathParams, streamed } from '../operation.ts';

const preview = z.strictObject({
  diff,
  checks: z
    .array(z.strictObject({ name: z.string(), ok: z.boolean(), message: z.string() }))
    .describe('What was checked; a deployment is refused when one is not ok.'),
  version: z.int().optional().describe('The version that would be placed, when it exists already.'),
});

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
    query: z.strictObject({ ...pageFields, ...deploymentFilters }),
    response: pageOf(deployment),
    handler: async ({ context, query }) => ({ body: await listDeployments(context, query) }),
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
