import { sql } from 'kysely';
import * as z from 'zod';
import { duplicateProject } from '#core/model/duplicate-project';
import { createProject, PROJECT_KINDS, type Project, patchProject, project } from '#core/model/project';
import { isProxied } from '#core/model/project-kind';
import { securingPolicies } from '#core/model/securing';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { endpointsErrors } from '../drafts/attachments.ts';
import { createProjectDraft, duplicateHosts } from '../drafts/create-project.ts';
import { copyDraft } from '../drafts/duplicate-project.ts';
import { ensureSecurePolicy, ONLY_PROXIED_ARE_SECURED, secureResources } from '../drafts/secure-with.ts';
import { validationFailed, wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { listPolicies } from '../records/policy.ts';
import { getProject, getProjectRow, parseProject, updateProject } from '../records/project.ts';
import { given } from '../records/record.ts';
import { checkRevision } from '../revision.ts';
import type { ProjectTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Projects: what is published under one context path. */
export const projectOperations = [
  operation({
    id: 'projects.list',
    method: 'GET',
    path: '/projects',
    permission: 'projects:read',
    summary: 'List the API projects.',
    query: listQuery({ kind: z.enum(PROJECT_KINDS).optional().describe('Only of this kind.') }),
    response: pageOf(project),
    handler: async ({ context, query }) => {
      const conditions = query.kind === undefined ? [] : [sql`kind = ${query.kind}`];
      const page = await listRecords<ProjectTable>(context.db.read, 'projects', query, conditions);
      return { body: { ...page, items: page.items.map(parseProject) } };
    },
  }),
  operation({
    id: 'projects.create',
    method: 'POST',
    path: '/projects',
    permission: 'projects:write',
    summary: 'Create an API project, with DefaultResource and what its kind brings.',
    body: createProject,
    response: project,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const created = await change(context, actor, async (unit) => {
        const made = await createProjectDraft(unit, context, body);
        unit.audit({ ...objectOf(made), sentence: `Project ${made.name} was created.`, after: made });
        return made;
      });
      return { body: created, revision: created.revision, location: `/projects/${created.name}` };
    },
  }),
  operation({
    id: 'projects.get',
    method: 'GET',
    path: '/projects/:project',
    permission: 'projects:read',
    summary: "Read a project's draft.",
    params: pathParams('project'),
    response: project,
    handler: async ({ context, params }) => {
      const found = await getProject(context.db.read, params.project);
      return { body: found, revision: found.revision };
    },
  }),
  operation({
    id: 'projects.update',
    method: 'PATCH',
    path: '/projects/:project',
    permission: 'projects:write',
    summary: "Change a project's draft. What runs changes with the next deployment.",
    params: pathParams('project'),
    body: patchProject,
    response: project,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const row = await getProjectRow(unit.tx, params.project);
        checkRevision(ifMatch, row.revision);
        const before = parseProject(row);
        const after = await patched(unit, context, { before, patch: given(body) });
        const updated = await updateProject(unit, row, after);
        unit.audit({ ...objectOf(updated), sentence: `Project ${updated.name} was changed.`, before, after: updated });
        return updated;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'projects.delete',
    method: 'DELETE',
    path: '/projects/:project',
    permission: 'projects:write',
    summary: 'Delete a project that is neither deployed nor in a product.',
    params: pathParams('project'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getProjectRow(unit.tx, params.project);
        checkRevision(ifMatch, row.revision);
        await checkUnused(unit, row);
        await unit.tx.deleteFrom('projects').where('id', '=', row.id).execute();
        const before = parseProject(row);
        unit.audit({ ...objectOf(before), sentence: `Project ${before.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
  operation({
    id: 'projects.duplicate',
    method: 'POST',
    path: '/projects/:project/duplicate',
    permission: 'projects:write',
    summary: "Copy a project's draft with its policies, resources and targets into a new project.",
    params: pathParams('project'),
    body: duplicateProject,
    response: project,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const copied = await change(context, actor, async (unit) => {
        const of = await getProjectRow(unit.tx, params.project);
        const made = await copyDraft(unit, context.random, { of, wish: body });
        const sentence = `Project ${made.name} was made as a copy of ${of.name}.`;
        unit.audit({ ...objectOf(made), sentence, after: made });
        return made;
      });
      return { body: copied, revision: copied.revision, location: `/projects/${copied.name}` };
    },
  }),
];

function objectOf(value: Project) {
  return { objectKind: 'project', objectId: value.id, objectName: value.name };
}

async function patched(
  unit: Unit,
  context: ManagerContext,
  request: { readonly before: Project; readonly patch: Partial<Project> },
): Promise<Project> {
  const { before, patch } = request;
  const after: Project = { ...before, ...patch };
  if (!isProxied(before.kind) && after.secureWith !== 'none')
    throw wrongValue('/secureWith', 'not_for_kind', ONLY_PROXIED_ARE_SECURED);
  const policies = await listPolicies(unit.tx, before.id, context.policyTypes);
  const errors = [
    ...duplicateHosts(after.hosts),
    ...endpointsErrors(after.endpoints, { policies, types: context.policyTypes }),
  ];
  if (errors.length > 0) throw validationFailed(errors);
  if (after.secureWith === before.secureWith) return after;
  if (after.secureWith === 'oauth') {
    const policy = await ensureSecurePolicy(unit, context, { projectId: before.id, config: {} });
    const securing = securingPolicies(policy, await listPolicies(unit.tx, before.id, context.policyTypes));
    await secureResources(unit, before, { policy, isAttached: true, securing });
    return { ...after, securePolicy: policy };
  }
  const { securePolicy, ...unsecured } = after;
  if (securePolicy !== undefined)
    await secureResources(unit, before, { policy: securePolicy, isAttached: false, securing: new Set() });
  return unsecured;
}

async function checkUnused(unit: Unit, row: ProjectTable): Promise<void> {
  const deployed = await unit.tx
    .selectFrom('deployments')
    .innerJoin('server_groups', 'server_groups.id', 'deployments.server_group_id')
    .select('server_groups.name')
    .where('deployments.project_id', '=', row.id)
    .where('deployments.state', '=', 'live')
    .execute();
  const offered = await unit.tx
    .selectFrom('product_projects')
    .innerJoin('products', 'products.id', 'product_projects.product_id')
    .select('products.name')
    .where('product_projects.project_id', '=', row.id)
    .execute();
  if (deployed.length + offered.length === 0) return;
  const places = [
    ...deployed.map(({ name }) => `deployed to ${name}`),
    ...offered.map(({ name }) => `offered in the product ${name}`),
  ];
  throw new ProblemError('in_use', `The project ${row.name} is ${places.join(', ')}.`, {
    fixes: [
      ...deployed.map(({ name }) => ({
        text: `Undeploy it from ${name}.`,
        command: `gatewright undeploy ${row.name} --on ${name}`,
      })),
      ...offered.map(({ name }) => ({
        text: `Take it out of ${name}.`,
        command: `gatewright product set ${name} projects-=${row.name}`,
      })),
    ],
  });
}
