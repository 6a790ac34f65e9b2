import { sql } from 'kysely';
import { newId } from '#core/id';
import type { Project } from '#core/model/project';
import { isProxied } from '#core/model/project-kind';
import { createTarget, patchTarget, type Target, target } from '#core/model/target';
import { ProblemError } from '#core/problem';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { getProject, getProjectRow, touchDraft } from '../records/project.ts';
import { checkPartNameFree, getPart, listParts } from '../records/project-part.ts';
import { changedRecordColumns, given, nameFor, newRecordColumns } from '../records/record.ts';
import { listResources, parseResource, updateResource } from '../records/resource.ts';
import { parseTarget, targetData } from '../records/target.ts';
import { checkRevision } from '../revision.ts';
import type { ProjectPartTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Targets of a project: the backend servers. */
export const targetOperations = [
  operation({
    id: 'targets.list',
    method: 'GET',
    path: '/projects/:project/targets',
    permission: 'projects:read',
    summary: 'List the targets of a project.',
    params: pathParams('project'),
    query: listQuery({}),
    response: pageOf(target),
    handler: async ({ context, params, query }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const page = await listRecords<ProjectPartTable>(context.db.read, 'targets', query, [sql`project_id = ${id}`]);
      return { body: { ...page, items: page.items.map(parseTarget) } };
    },
  }),
  operation({
    id: 'targets.create',
    method: 'POST',
    path: '/projects/:project/targets',
    permission: 'projects:write',
    summary: 'Create a target. The first one of an http project answers for the resources that have none.',
    params: pathParams('project'),
    body: createTarget,
    response: target,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const name = nameFor(body.name, body.displayName);
      const created = await change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        await checkPartNameFree(unit.tx, 'targets', { projectId: project.id, name });
        const isFirst = (await listParts(unit.tx, 'targets', project.id)).length === 0;
        const row: ProjectPartTable = {
          ...newRecordColumns(unit, {
            id: newId('tgt', context.random),
            name,
            displayName: body.displayName,
            data: targetData(body),
          }),
          project_id: project.id,
        };
        await unit.tx.insertInto('targets').values(row).execute();
        if (isFirst && isProxied(project.kind)) await giveTarget(unit, project, name);
        await touchDraft(unit.tx, project.id);
        const made = parseTarget(row);
        const sentence = `Target ${name} was created in project ${project.name}.`;
        unit.audit({ ...objectOf(made), sentence, after: made });
        return { made, project };
      });
      const location = `/projects/${created.project.name}/targets/${created.made.name}`;
      return { body: created.made, revision: created.made.revision, location };
    },
  }),
  operation({
    id: 'targets.get',
    method: 'GET',
    path: '/projects/:project/targets/:target',
    permission: 'projects:read',
    summary: 'Read a target.',
    params: pathParams('project', 'target'),
    response: target,
    handler: async ({ context, params }) => {
      const { id } = await getProjectRow(context.db.read, params.project);
      const row = await getPart(context.db.read, 'targets', { projectId: id, reference: params.target });
      return { body: parseTarget(row), revision: row.revision };
    },
  }),
  operation({
    id: 'targets.update',
    method: 'PATCH',
    path: '/projects/:project/targets/:target',
    permission: 'projects:write',
    summary: 'Change a target.',
    params: pathParams('project', 'target'),
    body: patchTarget,
    response: target,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const { id } = await getProjectRow(unit.tx, params.project);
        const row = await getPart(unit.tx, 'targets', { projectId: id, reference: params.target });
        checkRevision(ifMatch, row.revision);
        const before = parseTarget(row);
        const after = { ...before, ...given(body) };
        const columns = changedRecordColumns(unit, row, { displayName: after.displayName, data: targetData(after) });
        await unit.tx.updateTable('targets').set(columns).where('id', '=', row.id).execute();
        await touchDraft(unit.tx, id);
        const updated = parseTarget({ ...row, ...columns });
        unit.audit({ ...objectOf(updated), sentence: `Target ${updated.name} was changed.`, before, after: updated });
        return updated;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'targets.delete',
    method: 'DELETE',
    path: '/projects/:project/targets/:target',
    permission: 'projects:write',
    summary: 'Delete a target that no resource names.',
    params: pathParams('project', 'target'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const { id } = await getProjectRow(unit.tx, params.project);
        const row = await getPart(unit.tx, 'targets', { projectId: id, reference: params.target });
        checkRevision(ifMatch, row.revision);
        const users = (await listResources(unit.tx, id)).filter((resource) => resource.target === row.name);
        if (users.length > 0)
          throw new ProblemError('in_use', `The target answers for: ${users.map(({ name }) => name).join(', ')}.`);
        await unit.tx.deleteFrom('targets').where('id', '=', row.id).execute();
        await touchDraft(unit.tx, id);
        const before = parseTarget(row);
        unit.audit({ ...objectOf(before), sentence: `Target ${before.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: Target) {
  return { objectKind: 'target', objectId: value.id, objectName: value.name };
}

async function giveTarget(unit: Unit, project: Project, name: string): Promise<void> {
  for (const row of await listParts(unit.tx, 'resources', project.id)) {
    const resource = parseResource(row);
    if (resource.target === undefined) await updateResource(unit, row, { ...resource, target: name });
  }
}
