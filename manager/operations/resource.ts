import { sql } from 'kysely';
import { newId } from '#core/id';
import type { Project } from '#core/model/project';
import { createResource, DEFAULT_RESOURCE, patchResource, type Resource, resource } from '#core/model/resource';
import { securingPolicies } from '#core/model/securing';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { endpointsErrors } from '../drafts/attachments.ts';
import { secureEndpoints } from '../drafts/secure-with.ts';
import { validationFailed, wrongValue } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { listPolicies } from '../records/policy.ts';
import { getProject, getProjectRow, touchDraft } from '../records/project.ts';
import { checkPartNameFree, getPart } from '../records/project-part.ts';
import { given, nameFor, newRecordColumns } from '../records/record.ts';
import { listResources, parseResource, resourceData, updateResource } from '../records/resource.ts';
import { listTargets } from '../records/target.ts';
import { checkRevision } from '../revision.ts';
import type { ProjectPartTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Resources of a project: a path pattern and methods. */
export const resourceOperations = [
  operation({
    id: 'resources.list',
    method: 'GET',
    path: '/projects/:project/resources',
    permission: 'projects:read',
    summary: 'List the resources of a project.',
    params: pathParams('project'),
    query: listQuery({}),
    response: pageOf(resource),
    handler: async ({ context, params, query }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const page = await listRecords<ProjectPartTable>(context.db.read, 'resources', query, [sql`project_id = ${id}`]);
      return { body: { ...page, items: page.items.map(parseResource) } };
    },
  }),
  operation({
    id: 'resources.create',
    method: 'POST',
    path: '/projects/:project/resources',
    permission: 'projects:write',
    summary: 'Create a resource. In a secured project it gets the securing policy, unless it is public.',
    params: pathParams('project'),
    body: createResource,
    response: resource,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const name = nameFor(body.name, body.displayName);
      const created = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        await checkPartNameFree(unit.tx, 'resources', { projectId: project.id, name });
        const securing = await securingOf(unit, context, project);
        const rule = { policy: project.securePolicy, isPublic: body.public, securing };
        const endpoints = secureEndpoints(body.endpoints, rule);
        const target = body.target ?? (await usualTarget(unit, project));
        const fields = { ...body, name, target, endpoints };
        await checkResource(unit, context, { project, value: fields });
        const row: ProjectPartTable = {
          ...newRecordColumns(unit, {
            id: newId('res', context.random),
            name,
            displayName: body.displayName,
            data: resourceData(fields),
          }),
          project_id: project.id,
        };
        await unit.tx.insertInto('resources').values(row).execute();
        await touchDraft(unit.tx, project.id);
        const made = parseResource(row);
        const sentence = `${publicWords(made)} ${name} was created in project ${project.name}.`;
        unit.audit({ ...objectOf(made), sentence, after: made });
        return { made, project };
      });
      const location = `/projects/${created.project.name}/resources/${created.made.name}`;
      return { body: created.made, revision: created.made.revision, location };
    },
  }),
  operation({
    id: 'resources.get',
    method: 'GET',
    path: '/projects/:project/resources/:resource',
    permission: 'projects:read',
    summary: 'Read a resource.',
    params: pathParams('project', 'resource'),
    response: resource,
    handler: async ({ context, params }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const row = await getPart(context.db.read, 'resources', { projectId: id, reference: params.resource });
      return { body: parseResource(row), revision: row.revision };
    },
  }),
  operation({
    id: 'resources.update',
    method: 'PATCH',
    path: '/projects/:project/resources/:resource',
    permission: 'projects:write',
    summary: 'Change a resource.',
    params: pathParams('project', 'resource'),
    body: patchResource,
    response: resource,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        const row = await getPart(unit.tx, 'resources', { projectId: project.id, reference: params.resource });
        checkRevision(ifMatch, row.revision);
        const before = parseResource(row);
        const securing = await securingOf(unit, context, project);
        const after = patched(before, given(body), { project, securing });
        await checkResource(unit, context, { project, value: after });
        const updated = await updateResource(unit, row, after);
        await touchDraft(unit.tx, project.id);
        const sentence = `${publicWords(after)} ${after.name} of project ${project.name} was changed.`;
        unit.audit({ ...objectOf(after), sentence, before, after: updated });
        return updated;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'resources.delete',
    method: 'DELETE',
    path: '/projects/:project/resources/:resource',
    permission: 'projects:write',
    summary: 'Delete a resource. DefaultResource stays.',
    params: pathParams('project', 'resource'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const { id } = await getProjectRow(unit.tx, params.project);
        const row = await getPart(unit.tx, 'resources', { projectId: id, reference: params.resource });
        checkRevision(ifMatch, row.revision);
        if (row.name === DEFAULT_RESOURCE.name)
          throw new ProblemError('in_use', 'Every project has DefaultResource; it cannot be deleted.');
        await unit.tx.deleteFrom('resources').where('id', '=', row.id).execute();
        await touchDraft(unit.tx, id);
        const before = parseResource(row);
        unit.audit({ ...objectOf(before), sentence: `Resource ${before.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: Resource) {
  return { objectKind: 'resource', objectId: value.id, objectName: value.name };
}

/** A public resource of a secured project is said to be one in the trail (decision 16). */
function publicWords(value: Resource): string {
  return value.public ? 'Public resource' : 'Resource';
}

/** The policies that secure a resource of the project. */
async function securingOf(unit: Unit, context: ManagerContext, project: Project): Promise<ReadonlySet<string>> {
  return securingPolicies(project.securePolicy, await listPolicies(unit.tx, project.id, context.policyTypes));
}

function patched(
  before: Resource,
  patch: Partial<Resource>,
  { project, securing }: { readonly project: Project; readonly securing: ReadonlySet<string> },
): Resource {
  const after = { ...before, ...patch };
  if (before.name === DEFAULT_RESOURCE.name && (after.path !== before.path || after.methods.length > 0))
    throw wrongValue(
      patch.path === undefined ? '/methods' : '/path',
      'not_allowed',
      'DefaultResource takes what no other resource takes; its path and methods stay.',
    );
  if (after.public === before.public) return after;
  const rule = { policy: project.securePolicy, isPublic: after.public, securing };
  return { ...after, endpoints: secureEndpoints(after.endpoints, rule) };
}

/** The target of a resource that names none: "default", or the only one there is. */
async function usualTarget(unit: Unit, project: Project): Promise<string | undefined> {
  const targets = await listTargets(unit.tx, project.id);
  const usual = targets.find(({ name }) => name === 'default') ?? (targets.length === 1 ? targets[0] : undefined);
  return usual?.name;
}

async function checkResource(
  unit: Unit,
  context: ManagerContext,
  request: {
    readonly project: Project;
    readonly value: Pick<Resource, 'name' | 'path' | 'methods' | 'endpoints' | 'target'>;
  },
): Promise<void> {
  const { project, value } = request;
  const policies = await listPolicies(unit.tx, project.id, context.policyTypes);
  const errors = endpointsErrors(value.endpoints, { policies, types: context.policyTypes });
  const targets = (await listTargets(unit.tx, project.id)).map(({ name }) => name);
  if (value.target !== undefined && !targets.includes(value.target))
    errors.push({
      pointer: '/target',
      code: 'unknown_target',
      message: `The project has no target ${value.target}.${targets.length > 0 ? ` It has: ${targets.join(', ')}.` : ''}`,
    });
  const other = (await listResources(unit.tx, project.id)).find((known) => isSameRoute(known, value));
  if (other !== undefined)
    errors.push({
      pointer: '/path',
      code: 'path_taken',
      message: `The resource ${other.name} has the path ${other.path} with the same methods already.`,
    });
  if (errors.length > 0) throw validationFailed(errors);
}

type Route = Pick<Resource, 'name' | 'path' | 'methods'>;

/** Whether two resources would take the same requests: one pattern but for parameter names, and a method in common. */
function isSameRoute(a: Route, b: Route): boolean {
  const shape = (path: string) => path.replace(/\{[^}]*\}/g, '{}');
  if (a.name === b.name || shape(a.path) !== shape(b.path)) return false;
  return a.methods.length === 0 || b.methods.length === 0 || a.methods.some((method) => b.methods.includes(method));
}
