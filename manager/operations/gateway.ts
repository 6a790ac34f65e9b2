import * as z from 'zod';
import { gateway } from '#core/model/server-group';
import { readHead } from '../feed/append.ts';
import { pageFields, pageOf } from '../list.ts';
import { operation } from '../operation.ts';

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
];
