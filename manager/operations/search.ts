import * as z from 'zod';
import { searchResult } from '#core/model/overview/screens';
import { operation } from '../operation.ts';
import { search } from '../overview/search.ts';
import { viewerOf } from '../overview/viewer.ts';

/** The search of the header. */
export const searchOperations = [
  operation({
    id: 'search.find',
    method: 'GET',
    path: '/search',
    permission: 'status:read',
    summary: 'Find projects, products, clients, subscriptions, server groups, resources, people and requests.',
    query: z.strictObject({
      q: z.string().max(200).describe('A part of a name, the beginning of a path or consumer key, or a request id.'),
    }),
    response: searchResult,
    handler: async (call) => ({ body: { items: await search(call.context, viewerOf(call.actor), call.query.q) } }),
  }),
];
