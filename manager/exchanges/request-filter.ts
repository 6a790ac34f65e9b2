import * as z from 'zod';
import type { ManagerContext } from '../context.ts';
import type { ExchangeFilter } from './query.ts';

const instant = z.coerce.number().int().min(0);

/** Which exchanges are asked for, as query parameters of the API and of the console's pages. */
export const requestFilter = {
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/, 'A status like 401, or a class like 4xx.')
    .optional()
    .describe('Status, or a class: 4xx.'),
  code: z.string().max(64).optional().describe('Reason code; ok: what was not refused.'),
  project: z.string().max(128).optional().describe('Name or id of the project.'),
  version: z.coerce.number().int().min(1).optional().describe('Version of the project that answered.'),
  client: z.string().max(128).optional().describe('Name or id of the client.'),
  subscription: z.string().max(128).optional().describe('Name or id of the subscription.'),
  serverGroup: z.string().max(128).optional().describe('Name or id of the server group.'),
  gateway: z.string().max(128).optional().describe('Name or id of the gateway.'),
  address: z.string().max(64).optional().describe('Address of the caller, or how it begins: 10.1.'),
  minMs: z.coerce.number().min(0).optional().describe('Took at least so many milliseconds.'),
  since: instant.optional().describe('From this instant on, epoch ms.'),
  until: instant.optional().describe('Before this instant, epoch ms.'),
  q: z.string().min(1).max(200).optional().describe('A request id, or a part of the path.'),
};

const asked = z.strictObject(requestFilter);
/** What was asked for. */
export type AskedRequests = z.output<typeof asked>;

/**
 * What was asked for, as the log finds it: records name projects and server groups by name and count clients by id.
 */
export async function filterOf(
  { db }: ManagerContext,
  { serverGroup, ...rest }: AskedRequests,
): Promise<ExchangeFilter> {
  const { read } = db;
  const { project, client, subscription } = rest;
  const [knownProject, knownClient, knownSubscription, knownGroup] = await Promise.all([
    project === undefined
      ? undefined
      : read.selectFrom('projects').select('name').where('id', '=', project).executeTakeFirst(),
    client === undefined
      ? undefined
      : read.selectFrom('clients').select('id').where('name', '=', client).executeTakeFirst(),
    subscription === undefined
      ? undefined
      : read.selectFrom('subscriptions').select('id').where('name', '=', subscription).executeTakeFirst(),
    serverGroup === undefined
      ? undefined
      : read.selectFrom('server_groups').select('name').where('id', '=', serverGroup).executeTakeFirst(),
  ]);
  const group = knownGroup?.name ?? serverGroup;
  return {
    ...rest,
    ...(knownProject !== undefined && { project: knownProject.name }),
    ...(knownClient !== undefined && { client: knownClient.id }),
    ...(knownSubscription !== undefined && { subscription: knownSubscription.id }),
    ...(group !== undefined && { serverGroups: [group] }),
  };
}
