import { sql } from 'kysely';
import { newId } from '#core/id';
import { createPolicy, type Policy, patchPolicy, policy } from '#core/model/policy';
import { ProblemError } from '#core/problem';
import { attachedPlaces } from '../drafts/attachments.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { checkConfig, getPolicyType, givenConfig, parsePolicy } from '../records/policy.ts';
import { listPolicyChains } from '../records/policy-chain.ts';
import { getProject, getProjectRow, touchDraft } from '../records/project.ts';
import { checkPartNameFree, getPart } from '../records/project-part.ts';
import { changedRecordColumns, nameFor, newRecordColumns } from '../records/record.ts';
import { listResources } from '../records/resource.ts';
import { checkRevision } from '../revision.ts';
import type { PolicyTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Policies of a project: configured rules, attached at endpoints. */
export const policyOperations = [
  operation({
    id: 'policies.list',
    method: 'GET',
    path: '/projects/:project/policies',
    permission: 'projects:read',
    summary: 'List the policies of a project.',
    params: pathParams('project'),
    query: listQuery({}),
    response: pageOf(policy),
    handler: async ({ context, params, query }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const page = await listRecords<PolicyTable>(context.db.read, 'policies', query, [sql`project_id = ${id}`]);
      return { body: { ...page, items: page.items.map((row) => parsePolicy(row, context.policyTypes)) } };
    },
  }),
  operation({
    id: 'policies.create',
    method: 'POST',
    path: '/projects/:project/policies',
    permission: 'projects:write',
    summary: 'Create a policy in a project. Attach it at an endpoint afterwards.',
    params: pathParams('project'),
    body: createPolicy,
    response: policy,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const type = getPolicyType(context.policyTypes, body.type);
      checkConfig(type, body.config);
      const displayName = body.displayName ?? type.title;
      const name = nameFor(body.name, displayName);
      const created = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        await checkPartNameFree(unit.tx, 'policies', { projectId: project.id, name });
        const row: PolicyTable = {
          ...newRecordColumns(unit, { id: newId('pol', context.random), name, displayName, data: body.config }),
          project_id: project.id,
          type: type.name,
        };
        await unit.tx.insertInto('policies').values(row).execute();
        await touchDraft(unit.tx, project.id);
        const made = parsePolicy(row, context.policyTypes);
        unit.audit({
          ...objectOf(made),
          sentence: `Policy ${name} was created in project ${project.name}.`,
          after: made,
        });
        return { made, project };
      });
      const location = `/projects/${created.project.name}/policies/${created.made.name}`;
      return { body: created.made, revision: created.made.revision, location };
    },
  }),
  operation({
    id: 'policies.get',
    method: 'GET',
    path: '/projects/:project/policies/:policy',
    permission: 'projects:read',
    summary: 'Read a policy.',
    params: pathParams('project', 'policy'),
    response: policy,
    handler: async ({ context, params }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const row = await getPart(context.db.read, 'policies', { projectId: id, reference: params.policy });
      return { body: parsePolicy(row, context.policyTypes), revision: row.revision };
    },
  }),
  operation({
    id: 'policies.update',
    method: 'PATCH',
    path: '/projects/:project/policies/:policy',
    permission: 'projects:write',
    summary: 'Change a policy. Settings are merged field by field; null gives a setting back to its default.',
    params: pathParams('project', 'policy'),
    body: patchPolicy,
    response: policy,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        const row = await getPart(unit.tx, 'policies', { projectId: project.id, reference: params.policy });
        checkRevision(ifMatch, row.revision);
        const data = mergeConfig(givenConfig(row), body.config ?? {});
        if (body.config !== undefined) checkConfig(getPolicyType(context.policyTypes, row.type), data);
        const displayName = body.displayName ?? row.display_name;
        const columns = changedRecordColumns(unit, row, { displayName, data });
        await unit.tx.updateTable('policies').set(columns).where('id', '=', row.id).execute();
        await touchDraft(unit.tx, project.id);
        const before = parsePolicy(row, context.policyTypes);
        const after = parsePolicy({ ...row, ...columns }, context.policyTypes);
        const sentence = `Policy ${after.name} of project ${project.name} was changed.`;
        unit.audit({ ...objectOf(after), sentence, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'policies.delete',
    method: 'DELETE',
    path: '/projects/:project/policies/:policy',
    permission: 'projects:write',
    summary: 'Delete a policy that is attached nowhere.',
    params: pathParams('project', 'policy'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const { id } = await getProjectRow(unit.tx, params.project);
        const row = await getPart(unit.tx, 'policies', { projectId: id, reference: params.policy });
        checkRevision(ifMatch, row.revision);
        await checkUnattached(unit, row);
        await unit.tx.deleteFrom('policies').where('id', '=', row.id).execute();
        await touchDraft(unit.tx, id);
        const before = parsePolicy(row, context.policyTypes);
        unit.audit({ ...objectOf(before), sentence: `Policy ${before.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: Policy) {
  return { objectKind: 'policy', objectId: value.id, objectName: value.name };
}

function mergeConfig(before: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null));
}

async function checkUnattached(unit: Unit, row: PolicyTable): Promise<void> {
  const project = await getProject(unit.tx, row.project_id);
  const resources = await listResources(unit.tx, row.project_id);
  const places = attachedPlaces(row.name, project, resources, await listPolicyChains(unit.tx, row.project_id));
  if (project.securePolicy === row.name) places.unshift(`Secure API with of ${project.displayName}`);
  if (places.length === 0) return;
  throw new ProblemError('in_use', `The policy ${row.name} is attached: ${places.join('; ')}. Detach it there first.`);
}
