import * as z from 'zod';
import { createJoinToken as createBody, createdJoinToken, joinToken } from '#core/model/server-group';
import { demandOn } from '../access/principal.ts';
import { fingerprintOf, openAuthority } from '../gateways/authority.ts';
import { createJoinToken, listJoinTokens, parseJoinToken } from '../gateways/join-tokens.ts';
import { operation, pathParams } from '../operation.ts';
import { notFound } from '../records/record.ts';
import { getServerGroup } from '../records/server-group.ts';
import { change } from '../unit-of-work.ts';

/** Join tokens of a server group: each lets one gateway in, within an hour. */
export const joinTokenOperations = [
  operation({
    id: 'joinTokens.list',
    method: 'GET',
    path: '/server-groups/:group/join-tokens',
    permission: 'gateways:read',
    summary: 'List the join tokens of a server group, without their texts.',
    params: pathParams('group'),
    response: z.strictObject({ items: z.array(joinToken), total: z.int() }),
    handler: async ({ context, params }) => {
      const { id, name } = await getServerGroup(context.db.read, params.group);
      const rows = await listJoinTokens(context.db.read, id);
      return { body: { items: rows.map((row) => parseJoinToken(row, name, context.clock.now())), total: rows.length } };
    },
  }),
  operation({
    id: 'joinTokens.create',
    method: 'POST',
    path: '/server-groups/:group/join-tokens',
    permission: 'gateways:write',
    summary: 'Make a token with which one gateway can join within an hour. It is shown once.',
    params: pathParams('group'),
    body: createBody,
    response: createdJoinToken,
    status: 201,
    handler: async ({ context, actor, params }) => {
      const { random, masterKeys, clock } = context;
      const { row, token, group } = await change(context, actor, async (unit) => {
        const found = await getServerGroup(unit.tx, params.group);
        demandOn(actor, 'gateways:write', found);
        const authority = await openAuthority(unit, masterKeys.secretBox(), { now: clock.now(), random });
        const place = { serverGroupId: found.id, random };
        const made = await createJoinToken(unit, place, fingerprintOf(authority.certificate));
        unit.audit({
          ...{ objectKind: 'server-group', objectId: found.id, objectName: found.name },
          sentence: `A join token for a gateway of ${found.displayName} was made.`,
          after: parseJoinToken(made.row, found.name, unit.now),
        });
        return { ...made, group: found };
      });
      const managerUrl = await context.gatewayUrl();
      return {
        body: {
          ...parseJoinToken(row, group.name, clock.now()),
          ...{ token, managerUrl },
          command: `echo '${token}' | gatewright gateway --join ${managerUrl} --token -`,
        },
      };
    },
  }),
  operation({
    id: 'joinTokens.delete',
    method: 'DELETE',
    path: '/server-groups/:group/join-tokens/:token',
    permission: 'gateways:write',
    summary: 'Delete a join token by its id: it lets nobody in any more.',
    params: pathParams('group', 'token'),
    handler: async ({ context, actor, params }) => {
      await change(context, actor, async (unit) => {
        const group = await getServerGroup(unit.tx, params.group);
        demandOn(actor, 'gateways:write', group);
        const { numDeletedRows } = await unit.tx
          .deleteFrom('join_tokens')
          .where('server_group_id', '=', group.id)
          .where('id', '=', params.token)
          .executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) throw notFound('join token', params.token);
        unit.audit({
          ...{ objectKind: 'server-group', objectId: group.id, objectName: group.name },
          sentence: `A join token of ${group.displayName} was deleted.`,
          before: { id: params.token },
        });
      });
      return { body: undefined };
    },
  }),
];
