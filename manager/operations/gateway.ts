import * as z from 'zod';
import { gateway } from '#core/model/server-group';
import { demandOn } from '../access/principal.ts';
import { readHead } from '../feed/append.ts';
import { findGateway, orderGateway, removeGateway } from '../gateways/orders.ts';
import { pageFields, pageOf } from '../list.ts';
import { operation, pathParams } from '../operation.ts';

/** Gateways: they register themselves with their reports. */
export const gatewayOperations = [
  operation({
    id: 'gateways.list',
    method: 'GET',
    path: '/gateways',
    permission: 'gateways:read',
    summary: 'List the gateways, how far each is behind, and when it was heard of last.',
    query: z.strictObject({
      ...pageFields,
      serverGroup: z.string().max(128).optional().describe('Name of the server group.'),
    }),
    response: pageOf(gateway),
    handler: async ({ context, query }) => {
      const all = context.services.gateways.list(await readHead(context.db.read));
      const items = all.filter(
        ({ serverGroup }) => query.serverGroup === undefined || serverGroup === query.serverGroup,
      );
      // Few, and kept in memory: one page holds them all.
      return { body: { items, total: items.length } };
    },
  }),
  operation({
    id: 'gateways.get',
    method: 'GET',
    path: '/gateways/:gateway',
    permission: 'gateways:read',
    summary: 'Read a gateway.',
    params: pathParams('gateway'),
    response: gateway,
    handler: async ({ context, params }) => ({ body: (await findGateway(context, params.gateway)).gateway }),
  }),
  operation({
    id: 'gateways.remove',
    method: 'DELETE',
    path: '/gateways/:gateway',
    permission: 'gateways:write',
    summary:
      'Remove a gateway: it hears nothing more from now on, drains and stops serving. It comes back by joining anew.',
    params: pathParams('gateway'),
    handler: async ({ context, actor, params }) => {
      const found = await findGateway(context, params.gateway);
      demandOn(actor, 'gateways:write', found.group);
      await removeGateway(context, actor, found);
      return { body: undefined };
    },
  }),
  operation({
    id: 'gateways.drain',
    method: 'POST',
    path: '/gateways/:gateway/drain',
    permission: 'gateways:write',
    summary:
      'Drain a gateway: it is not ready, takes no new connections and finishes what is under way, until it is undrained.',
    params: pathParams('gateway'),
    response: gateway,
    handler: async ({ context, actor, params }) => {
      const found = await findGateway(context, params.gateway);
      demandOn(actor, 'gateways:write', found.group);
      await orderGateway(context, actor, { ...found, order: 'drain' });
      return { body: (await findGateway(context, found.gateway.id)).gateway };
    },
  }),
  operation({
    id: 'gateways.undrain',
    method: 'POST',
    path: '/gateways/:gateway/undrain',
    permission: 'gateways:write',
    summary: 'Let a drained gateway take calls again.',
    params: pathParams('gateway'),
    response: gateway,
    handler: async ({ context, actor, params }) => {
      const found = await findGateway(context, params.gateway);
      demandOn(actor, 'gateways:write', found.group);
      await orderGateway(context, actor, { ...found, order: 'run' });
      return { body: (await findGateway(context, found.gateway.id)).gateway };
    },
  }),
];
