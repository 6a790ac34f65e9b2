import { sql } from 'kysely';
import { newId } from '#core/id';
import { createPolicyChain, type PolicyChain, patchPolicyChain, policyChain } from '#core/model/policy-chain';
import type { ManagerContext } from '../context.ts';
import { chainErrors } from '../drafts/attachments.ts';
import { validationFailed } from '../http/validation.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { listPolicies } from '../records/policy.ts';
import { parsePolicyChain, policyChainData } from '../records/policy-chain.ts';
import { getProject, getProjectRow, touchDraft } from '../records/project.ts';
import { checkPartNameFree, getPart } from '../records/project-part.ts';
import { changedRecordColumns, given, nameFor, newRecordColumns } from '../records/record.ts';
import { checkRevision } from '../revision.ts';
import type { ProjectPartTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Policy chains of a project: named lists of policies that a policy calls. */
export const policyChainOperations = [
  operation({
    id: 'policyChains.list',
    method: 'GET',
    path: '/projects/:project/policy-chains',
    permission: 'projects:read',
    summary: 'List the policy chains of a project.',
    params: pathParams('project'),
    query: listQuery({}),
    response: pageOf(policyChain),
    handler: async ({ context, params, query }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const of = [sql<boolean>`project_id = ${id}`];
      const page = await listRecords<ProjectPartTable>(context.db.read, 'policy_chains', query, of);
      return { body: { ...page, items: page.items.map(parsePolicyChain) } };
    },
  }),
  operation({
    id: 'policyChains.create',
    method: 'POST',
    path: '/projects/:project/policy-chains',
    permission: 'projects:write',
    summary: 'Create a policy chain in a project. A Call Policy Chain policy runs it.',
    params: pathParams('project'),
    body: createPolicyChain,
    response: policyChain,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const name = nameFor(body.name, body.displayName);
      const created = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        await checkPartNameFree(unit.tx, 'policy_chains', { projectId: project.id, name });
        await checkPolicies(unit, context, project.id, body);
        const { displayName } = body;
        const record = { id: newId('chn', context.random), name, displayName, data: policyChainData(body) };
        const row: ProjectPartTable = { ...newRecordColumns(unit, record), project_id: project.id };
        await unit.tx.insertInto('policy_chains').values(row).execute();
        await touchDraft(unit.tx, project.id);
        const made = parsePolicyChain(row);
        const sentence = `Policy chain ${name} was created in project ${project.name}.`;
        unit.audit({ ...objectOf(made), sentence, after: made });
        return { made, project };
      });
      const location = `/projects/${created.project.name}/policy-chains/${created.made.name}`;
      return { body: created.made, revision: created.made.revision, location };
    },
  }),
  operation({
    id: 'policyChains.get',
    method: 'GET',
    path: '/projects/:project/policy-chains/:chain',
    permission: 'projects:read',
    summary: 'Read a policy chain.',
    params: pathParams('project', 'chain'),
    response: policyChain,
    handler: async ({ context, params }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const row = await getPart(context.db.read, 'policy_chains', { projectId: id, reference: params.chain });
      return { body: parsePolicyChain(row), revision: row.revision };
    },
  }),
  operation({
    id: 'policyChains.update',
    method: 'PATCH',
    path: '/projects/:project/policy-chains/:chain',
    permission: 'projects:write',
    summary: 'Change a policy chain. Its list of policies is replaced as a whole.',
    params: pathParams('project', 'chain'),
    body: patchPolicyChain,
    response: policyChain,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        const row = await getPart(unit.tx, 'policy_chains', { projectId: project.id, reference: params.chain });
        checkRevision(ifMatch, row.revision);
        const before = parsePolicyChain(row);
        const value = { ...before, ...given(body) };
        await checkPolicies(unit, context, project.id, value);
        const { displayName } = value;
        const columns = changedRecordColumns(unit, row, { displayName, data: policyChainData(value) });
        await unit.tx.updateTable('policy_chains').set(columns).where('id', '=', row.id).execute();
        await touchDraft(unit.tx, project.id);
        const after = parsePolicyChain({ ...row, ...columns });
        const sentence = `Policy chain ${after.name} of project ${project.name} was changed.`;
        unit.audit({ ...objectOf(after), sentence, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'policyChains.delete',
    method: 'DELETE',
    path: '/projects/:project/policy-chains/:chain',
    permission: 'projects:write',
    summary: 'Delete a policy chain; its policies stay. While a policy calls it the project cannot be deployed.',
    params: pathParams('project', 'chain'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const { id } = await getProjectRow(unit.tx, params.project);
        const row = await getPart(unit.tx, 'policy_chains', { projectId: id, reference: params.chain });
        checkRevision(ifMatch, row.revision);
        await unit.tx.deleteFrom('policy_chains').where('id', '=', row.id).execute();
        await touchDraft(unit.tx, id);
        const before = parsePolicyChain(row);
        unit.audit({ ...objectOf(before), sentence: `Policy chain ${before.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: PolicyChain) {
  return { objectKind: 'policy-chain', objectId: value.id, objectName: value.name };
}

/** @throws ProblemError `validation_failed` */
async function checkPolicies(
  unit: Unit,
  context: ManagerContext,
  projectId: string,
  value: Pick<PolicyChain, 'policies'>,
): Promise<void> {
  const policies = await listPolicies(unit.tx, projectId, context.policyTypes);
  const errors = chainErrors(value.policies, { policies, types: context.policyTypes });
  if (errors.length > 0) throw validationFailed(errors);
}
