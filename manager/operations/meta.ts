import * as z from 'zod';
import { operation } from '../operation.ts';

/** What the API says of itself. `describeApi` gives the OpenAPI document. */
export const metaOperations = (describeApi: () => Promise<Record<string, unknown>>) => [
  operation({
    id: 'meta.openapi',
    method: 'GET',
    path: '/openapi.json',
    permission: 'open',
    summary: 'Read this description of the management API (OpenAPI 3.1).',
    response: z.record(z.string(), z.unknown()),
    handler: async () => ({ body: await describeApi() }),
  }),
  operation({
    id: 'meta.version',
    method: 'GET',
    path: '/version',
    permission: 'open',
    summary: 'Read the version of this manager.',
    response: z.strictObject({ version: z.string(), api: z.literal('v1') }),
    handler: ({ context }) => ({ body: { version: context.options.version, api: 'v1' as const } }),
  }),
];
