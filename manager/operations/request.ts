import * as z from 'zod';
import { UnavailableError } from '#core/errors';
import { type ExchangeRecord, exchangeRecord, why } from '#core/model/exchange-record';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { explain, noSuchRequest, SIMILAR_WINDOW_MS, similarFilter } from '../exchanges/explain.ts';
import { nameTokenOrigin } from '../exchanges/token-origin.ts';
import { decodeCursor, encodeCursor, pageFields } from '../list.ts';
import { operation } from '../operation.ts';

const HOUR_MS = 3_600_000;
const requestParams = z.strictObject({ request: z.string().min(1).max(64).describe('Request id: req_…') });

const requestPage = z.strictObject({
  items: z.array(exchangeRecord),
  next: z.string().optional().describe('Cursor of the next page. A page may be short: go on as long as there is one.'),
  total: z
    .int()
    .optional()
    .describe('Exchanges that match, counted exactly (to the minute), also those without a record; left out with q.'),
});

/** Exchanges: the request log, and why each ended as it did. */
export const requestOperations = [
  operation({
    id: 'requests.list',
    method: 'GET',
    path: '/requests',
    permission: 'requests:read',
    summary: 'List exchanges, newest first.',
    query: z.strictObject({
      status: z
        .string()
        .regex(/^[1-5](?:\d\d|xx)$/, 'A status like 401, or a class like 4xx.')
        .optional()
        .describe('Status, or a class: 4xx.'),
      code: z.string().max(64).optional().describe('Reason code; ok: what was not refused.'),
      project: z.string().max(128).optional().describe('Name or id of the project.'),
      client: z.string().max(128).optional().describe('Name or id of the client.'),
      since: z.coerce.number().int().min(0).optional().describe('From this instant on, epoch ms.'),
      q: z.string().min(1).max(200).optional().describe('A request id, or a part of the path.'),
      ...pageFields,
    }),
    response: requestPage,
    handler: async ({ context, query }) => {
      const { limit, cursor, ...asked } = query;
      const filter = { ...asked, ...(await idsOf(context, asked)) };
      const [at, id] = cursor === undefined ? [] : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
      const before = at === undefined || id === undefined ? undefined : { at, id };
      const { exchanges } = context.services;
      const page = await reachable(exchanges.list(filter, { before, limit }));
      const total = await reachable(exchanges.count(filter));
      return {
        body: {
          items: [...page.items],
          ...(page.next !== undefined && { next: encodeCursor([page.next.at, page.next.id]) }),
          ...(total !== undefined && { total }),
        },
      };
    },
  }),
  operation({
    id: 'requests.get',
    method: 'GET',
    path: '/requests/:request',
    permission: 'requests:read',
    summary: 'Read the record of an exchange.',
    params: requestParams,
    response: exchangeRecord,
    handler: async ({ context, params }) => ({ body: await getRecord(context, params.request) }),
  }),
  operation({
    id: 'requests.why',
    method: 'GET',
    path: '/requests/:request/why',
    permission: 'requests:read',
    summary: 'Say why an exchange ended as it did, and what would help.',
    params: requestParams,
    response: why,
    handler: async ({ context, params }) => {
      const record = await nameTokenOrigin(context.db.read, await getRecord(context, params.request));
      const since = context.clock.now() - SIMILAR_WINDOW_MS;
      const count = (await reachable(context.services.exchanges.count({ ...similarFilter(record), since }))) ?? 0;
      // Its own counts once too, when it is recent enough.
      return { body: explain(record, Math.max(0, record.at >= since ? count - 1 : count)) };
    },
  }),
];

async function getRecord(context: ManagerContext, id: string): Promise<ExchangeRecord> {
  const { exchanges } = context.services;
  const record = await reachable(exchanges.find(id));
  if (record !== undefined) return record;
  const countedOnly = await reachable(exchanges.countedOnly(context.clock.now() - HOUR_MS));
  throw noSuchRequest(id, context.options.records.maxAgeMs, countedOnly);
}

/** Records name projects by name and count clients by id: what was asked with the other of the two is looked up. */
async function idsOf(
  { db }: ManagerContext,
  asked: { readonly project?: string | undefined; readonly client?: string | undefined },
): Promise<{ project?: string; client?: string }> {
  const { project, client } = asked;
  const found =
    project === undefined
      ? undefined
      : await db.read.selectFrom('projects').select('name').where('id', '=', project).executeTakeFirst();
  const known =
    client === undefined
      ? undefined
      : await db.read.selectFrom('clients').select('id').where('name', '=', client).executeTakeFirst();
  return { ...(found !== undefined && { project: found.name }), ...(known !== undefined && { client: known.id }) };
}

/** The log's own failure as a problem. */
async function reachable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UnavailableError) throw new ProblemError('unavailable', error.message);
    throw error;
  }
}
