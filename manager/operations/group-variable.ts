import * as z from 'zod';
import { groupVariableContext } from '#core/change-feed';
import { nameSchema } from '#core/model/name';
import { groupVariable, putGroupVariable } from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import { demandOn } from '../access/principal.ts';
import type { GroupVariableTable } from '../gateways/tables.ts';
import { checkVariableChange } from '../gateways/variable-uses.ts';
import { listVariables, parseVariable, publishVariables } from '../gateways/variables.ts';
import { operation, pathParams } from '../operation.ts';
import { notFound } from '../records/record.ts';
import { getServerGroup } from '../records/server-group.ts';
import { change, type Unit } from '../unit-of-work.ts';

const VARIABLES_PER_GROUP = 200;

const named = z.strictObject({ group: z.string().min(1).max(128).describe('Name or id.'), name: nameSchema });

/** Variables and secrets of a server group: what policy settings refer to by `${variables.NAME}` and `${secrets.NAME}`. */
export const groupVariableOperations = [
  operation({
    id: 'groupVariables.list',
    method: 'GET',
    path: '/server-groups/:group/variables',
    permission: 'server-groups:read',
    summary: 'List the variables and secrets of a server group; values of secrets are not shown.',
    params: pathParams('group'),
    response: z.strictObject({ items: z.array(groupVariable), total: z.int() }),
    handler: async ({ context, params }) => {
      const { id } = await getServerGroup(context.db.read, params.group);
      const rows = await listVariables(context.db.read, id);
      return { body: { items: rows.map(parseVariable), total: rows.length } };
    },
  }),
  operation({
    id: 'groupVariables.put',
    method: 'PUT',
    path: '/server-groups/:group/variables/:name',
    permission: 'server-groups:write',
    summary:
      'Set a variable or secret. What is deployed and uses it takes the new value at once, without a failed request.',
    params: named,
    body: putGroupVariable,
    response: groupVariable,
    handler: async ({ context, actor, params, body }) => {
      const put = await change(context, actor, async (unit) => {
        const group = await getServerGroup(unit.tx, params.group);
        demandOn(actor, 'server-groups:write', group);
        const rows = await listVariables(unit.tx, group.id);
        const before = rows.find(({ name }) => name === params.name);
        if (before === undefined && rows.length >= VARIABLES_PER_GROUP)
          throw new ProblemError('limit_reached', `A server group has at most ${VARIABLES_PER_GROUP} variables.`);
        const row: GroupVariableTable = {
          server_group_id: group.id,
          name: params.name,
          secret: body.secret ? 1 : 0,
          value: body.secret
            ? context.masterKeys.secretBox().seal(Buffer.from(body.value), groupVariableContext(group.id, params.name))
            : body.value,
          updated_at: unit.now,
          updated_by: unit.actor.name,
        };
        const after = [...rows.filter(({ name }) => name !== params.name), row];
        await checkVariableChange(context, unit.tx, { group, before: rows, after, name: params.name });
        await replace(unit, row);
        await publishVariables(unit, group.id);
        unit.audit({
          ...{ objectKind: 'server-group', objectId: group.id, objectName: group.name },
          sentence: `${body.secret ? 'Secret' : 'Variable'} ${params.name} of ${group.displayName} was set.`,
          ...(before !== undefined && { before: parseVariable(before) }),
          after: parseVariable(row),
        });
        return parseVariable(row);
      });
      return { body: put };
    },
  }),
  operation({
    id: 'groupVariables.delete',
    method: 'DELETE',
    path: '/server-groups/:group/variables/:name',
    permission: 'server-groups:write',
    summary: 'Delete a variable or secret that nothing deployed uses.',
    params: named,
    handler: async ({ context, actor, params }) => {
      await change(context, actor, async (unit) => {
        const group = await getServerGroup(unit.tx, params.group);
        demandOn(actor, 'server-groups:write', group);
        const rows = await listVariables(unit.tx, group.id);
        const row = rows.find(({ name }) => name === params.name);
        if (row === undefined) throw notFound('variable', params.name);
        const after = rows.filter(({ name }) => name !== params.name);
        await checkVariableChange(context, unit.tx, { group, before: rows, after, name: params.name });
        await unit.tx
          .deleteFrom('group_variables')
          .where('server_group_id', '=', group.id)
          .where('name', '=', params.name)
          .execute();
        await publishVariables(unit, group.id);
        unit.audit({
          ...{ objectKind: 'server-group', objectId: group.id, objectName: group.name },
          sentence: `${row.secret === 1 ? 'Secret' : 'Variable'} ${params.name} of ${group.displayName} was deleted.`,
          before: parseVariable(row),
        });
      });
      return { body: undefined };
    },
  }),
];

async function replace({ tx }: Unit, row: GroupVariableTable): Promise<void> {
  const { server_group_id, name, ...columns } = row;
  await tx
    .insertInto('group_variables')
    .values(row)
    .onConflict((conflict) => conflict.columns(['server_group_id', 'name']).doUpdateSet(columns))
    .execute();
}
