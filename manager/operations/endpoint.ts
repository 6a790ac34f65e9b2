import * as z from 'zod';
import { type Attachment, attachment, PHASE_TITLES, PHASES, type Phase } from '#core/model/endpoint';
import type { ManagerContext } from '../context.ts';
import { attachmentErrors } from '../drafts/attachments.ts';
import { validationFailed } from '../http/validation.ts';
import { operation } from '../operation.ts';
import { listPolicies } from '../records/policy.ts';
import { getProject, getProjectRow, parseProject, touchDraft, updateProject } from '../records/project.ts';
import { getPart } from '../records/project-part.ts';
import { parseResource, updateResource } from '../records/resource.ts';
import { checkRevision } from '../revision.ts';
import { change, type Unit } from '../unit-of-work.ts';

const reference = z.string().min(1).max(128).describe('Name or id.');
const phase = z.enum(PHASES).describe('Which of the four endpoints.');
const projectEndpoint = z.strictObject({ project: reference, endpoint: phase });
const resourceEndpoint = z.strictObject({ project: reference, resource: reference, endpoint: phase });
const body = z.strictObject({
  attachments: z
    .array(attachment)
    .max(50, 'At most 50 policies at one endpoint.')
    .describe('All policies attached here, in running order.'),
});

/** The four endpoints, at project and at resource level: which policies run there, in which order. */
export const endpointOperations = [
  operation({
    id: 'projectEndpoints.get',
    method: 'GET',
    path: '/projects/:project/endpoints/:endpoint',
    permission: 'projects:read',
    summary: 'Read which policies are attached to a project at an endpoint. The ETag is the project’s.',
    params: projectEndpoint,
    response: body,
    handler: async ({ context, params }) => {
      const project = await getProject(context.db.read, params.project);
      return { body: { attachments: project.endpoints[params.endpoint] }, revision: project.revision };
    },
  }),
  operation({
    id: 'projectEndpoints.replace',
    method: 'PUT',
    path: '/projects/:project/endpoints/:endpoint',
    permission: 'projects:write',
    summary: 'Replace the policies attached to a project at an endpoint.',
    params: projectEndpoint,
    body,
    response: body,
    ifMatch: true,
    handler: async (call) => {
      const { attachments } = call.body;
      const changed = await change(call.context, call.actor, async (unit) => {
        const row = await getProjectRow(unit.tx, call.params.project);
        checkRevision(call.ifMatch, row.revision);
        const before = parseProject(row);
        await checkAttachments(unit, call.context, { projectId: row.id, phase: call.params.endpoint, attachments });
        const endpoints = { ...before.endpoints, [call.params.endpoint]: attachments };
        const after = await updateProject(unit, row, { ...before, endpoints });
        unit.audit({
          objectKind: 'project',
          objectId: row.id,
          objectName: row.name,
          sentence: sentenceOf(call.params.endpoint, `project ${row.name}`, attachments),
          before: before.endpoints[call.params.endpoint],
          after: attachments,
        });
        return after;
      });
      return { body: { attachments: changed.endpoints[call.params.endpoint] }, revision: changed.revision };
    },
  }),
  operation({
    id: 'resourceEndpoints.get',
    method: 'GET',
    path: '/projects/:project/resources/:resource/endpoints/:endpoint',
    permission: 'projects:read',
    summary: 'Read which policies are attached to a resource at an endpoint. The ETag is the resource’s.',
    params: resourceEndpoint,
    response: body,
    handler: async ({ context, params }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const row = await getPart(context.db.read, 'resources', { projectId: id, reference: params.resource });
      return { body: { attachments: parseResource(row).endpoints[params.endpoint] }, revision: row.revision };
    },
  }),
  operation({
    id: 'resourceEndpoints.replace',
    method: 'PUT',
    path: '/projects/:project/resources/:resource/endpoints/:endpoint',
    permission: 'projects:write',
    summary: 'Replace the policies attached to a resource at an endpoint.',
    params: resourceEndpoint,
    body,
    response: body,
    ifMatch: true,
    handler: async (call) => {
      const { attachments } = call.body;
      const changed = await change(call.context, call.actor, async (unit) => {
        const project = await getProjectRow(unit.tx, call.params.project);
        const row = await getPart(unit.tx, 'resources', { projectId: project.id, reference: call.params.resource });
        checkRevision(call.ifMatch, row.revision);
        const before = parseResource(row);
        await checkAttachments(unit, call.context, { projectId: project.id, phase: call.params.endpoint, attachments });
        const endpoints = { ...before.endpoints, [call.params.endpoint]: attachments };
        const after = await updateResource(unit, row, { ...before, endpoints });
        await touchDraft(unit.tx, project.id);
        unit.audit({
          objectKind: 'resource',
          objectId: row.id,
          objectName: row.name,
          sentence: sentenceOf(call.params.endpoint, `resource ${row.name} of project ${project.name}`, attachments),
          before: before.endpoints[call.params.endpoint],
          after: attachments,
        });
        return after;
      });
      return { body: { attachments: changed.endpoints[call.params.endpoint] }, revision: changed.revision };
    },
  }),
];

function sentenceOf(endpoint: Phase, place: string, attachments: readonly Attachment[]): string {
  const names = attachments.map(({ policy, enabled }) => (enabled ? policy : `${policy} (off)`));
  const list = names.length === 0 ? 'nothing' : names.join(', ');
  return `At ${PHASE_TITLES[endpoint]} of ${place} there is now: ${list}.`;
}

async function checkAttachments(
  unit: Unit,
  context: ManagerContext,
  request: { readonly projectId: string; readonly phase: Phase; readonly attachments: readonly Attachment[] },
): Promise<void> {
  const policies = await listPolicies(unit.tx, request.projectId, context.policyTypes);
  const errors = attachmentErrors(request.attachments, request.phase, {
    policies,
    types: context.policyTypes,
    pointer: '/attachments',
  });
  if (errors.length > 0) throw validationFailed(errors);
}
