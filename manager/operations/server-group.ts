import { newId } from '#core/id';
import {
  createServerGroup,
  LOCAL_GROUP,
  patchServerGroup,
  type ServerGroup,
  serverGroup,
} from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import { publishVariables } from '../gateways/variables.ts';
import { listQuery, listRecords, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';
import { changedRecordColumns, checkNameFree, given, nameFor, newRecordColumns } from '../records/record.ts';
import {
  getServerGroup,
  getServerGroupRow,
  parseServerGroup,
  publishServerGroup,
  serverGroupData,
} from '../records/server-group.ts';
import { checkRevision } from '../revision.ts';
import type { ServerGroupTable } from '../tables.ts';
import { change, type Unit } from '../unit-of-work.ts';

/** Server groups: named sets of gateways that run the same deployments. */
export const serverGroupOperations = [
  operation({
    id: 'serverGroups.list',
    method: 'GET',
    path: '/server-groups',
    permission: 'server-groups:read',
    summary: 'List the server groups.',
    query: listQuery({}),
    response: pageOf(serverGroup),
    handler: async ({ context, query }) => {
      const page = await listRecords<ServerGroupTable>(context.db.read, 'server_groups', query);
      return { body: { ...page, items: page.items.map(parseServerGroup) } };
    },
  }),
  operation({
    id: 'serverGroups.create',
    method: 'POST',
    path: '/server-groups',
    permission: 'server-groups:write',
    summary: 'Create a server group.',
    body: createServerGroup,
    response: serverGroup,
    status: 201,
    handler: async ({ context, actor, body }) => {
      const name = nameFor(body.name, body.displayName);
      const created = await change(context, actor, async (unit) => {
        await checkNameFree(unit.tx, 'server_groups', 'server group', name);
        const { displayName } = body;
        const record = { id: newId('grp', context.random), name, displayName, data: serverGroupData(body) };
        const row: ServerGroupTable = newRecordColumns(unit, record);
        await unit.tx.insertInto('server_groups').values(row).execute();
        const made = parseServerGroup(row);
        publishServerGroup(unit, made);
        unit.audit({ ...objectOf(made), sentence: `Server group ${name} was created.`, after: made });
        return made;
      });
      return { body: created, revision: created.revision, location: `/server-groups/${created.name}` };
    },
  }),
  operation({
    id: 'serverGroups.get',
    method: 'GET',
    path: '/server-groups/:group',
    permission: 'server-groups:read',
    summary: 'Read a server group.',
    params: pathParams('group'),
    response: serverGroup,
    handler: async ({ context, params }) => {
      const found = await getServerGroup(context.db.read, params.group);
      return { body: found, revision: found.revision };
    },
  }),
  operation({
    id: 'serverGroups.update',
    method: 'PATCH',
    path: '/server-groups/:group',
    permission: 'server-groups:write',
    summary: 'Change a server group. Its gateways take it over at once.',
    params: pathParams('group'),
    body: patchServerGroup,
    response: serverGroup,
    ifMatch: true,
    handler: async ({ context, actor, params, body, ifMatch }) => {
      const changed = await change(context, actor, async (unit) => {
        const row = await getServerGroupRow(unit.tx, params.group);
        checkRevision(ifMatch, row.revision);
        const before = parseServerGroup(row);
        const wanted = { ...before, ...given(body) };
        const { displayName } = wanted;
        const columns = changedRecordColumns(unit, row, { displayName, data: serverGroupData(wanted) });
        await unit.tx.updateTable('server_groups').set(columns).where('id', '=', row.id).execute();
        const after = parseServerGroup({ ...row, ...columns });
        publishServerGroup(unit, after);
        unit.audit({ ...objectOf(after), sentence: `Server group ${after.name} was changed.`, before, after });
        return after;
      });
      return { body: changed, revision: changed.revision };
    },
  }),
  operation({
    id: 'serverGroups.delete',
    method: 'DELETE',
    path: '/server-groups/:group',
    permission: 'server-groups:write',
    summary: 'Delete a server group on which nothing is deployed. Local stays.',
    params: pathParams('group'),
    ifMatch: true,
    handler: async ({ context, actor, params, ifMatch }) => {
      await change(context, actor, async (unit) => {
        const row = await getServerGroupRow(unit.tx, params.group);
        checkRevision(ifMatch, row.revision);
        await checkUnused(unit, row);
        await unit.tx.deleteFrom('join_tokens').where('server_group_id', '=', row.id).execute();
        await unit.tx.deleteFrom('group_variables').where('server_group_id', '=', row.id).execute();
        await unit.tx.deleteFrom('server_groups').where('id', '=', row.id).execute();
        await publishVariables(unit, row.id);
        unit.publish('server-group', row.id, undefined);
        const before = parseServerGroup(row);
        unit.audit({ ...objectOf(before), sentence: `Server group ${row.name} was deleted.`, before });
      });
      return { body: undefined };
    },
  }),
];

function objectOf(value: ServerGroup) {
  return { objectKind: 'server-group', objectId: value.id, objectName: value.name };
}

async function checkUnused(unit: Unit, row: ServerGroupTable): Promise<void> {
  if (row.name === LOCAL_GROUP.name) throw new ProblemError('in_use', 'The server group Local always exists.');
  const deployed = await unit.tx
    .selectFrom('deployments')
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .select('projects.name')
    .where('deployments.server_group_id', '=', row.id)
    .where('deployments.state', '=', 'live')
    .limit(20)
    .execute();
  const joined = await unit.tx
    .selectFrom('joined_gateways')
    .select('name')
    .where('server_group_id', '=', row.id)
    .limit(20)
    .execute();
  if (joined.length > 0)
    throw new ProblemError('in_use', `${row.name} has gateways: ${joined.map(({ name }) => name).join(', ')}.`, {
      fixes: joined.map(({ name }) => ({ text: `Remove ${name}.`, command: `gatewright gateway remove ${name}` })),
    });
  if (deployed.length === 0) return;
  const names = deployed.map(({ name }) => name);
  throw new ProblemError('in_use', `On ${row.name} there are deployed: ${names.join(', ')}.`, {
    fixes: names.map((name) => ({
      text: `Undeploy ${name}.`,
      command: `gatewright undeploy ${name} --on ${row.name}`,
    })),
  });
}
