import { Readable } from 'node:stream';
import * as z from 'zod';
import { UnavailableError } from '#core/errors';
import { type ExchangeRecord, exchangeRecord, why } from '#core/model/exchange-record';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { explain, noSuchRequest, similarFilter } from '../exchanges/explain.ts';
import { EXPORT_MEDIA, EXPORT_ROWS, exportRecords, readMatching } from '../exchanges/export.ts';
import { filterOf, requestFilter } from '../exchanges/request-filter.ts';
import { nameTokenOrigin } from '../exchanges/token-origin.ts';
import { decodeCursor, encodeCursor, pageFields } from '../list.ts';
import { operation, streamed } from '../operation.ts';

const HOUR_MS = 3_600_000;
const requestParams = z.strictObject({ request: z.string().min(1).max(64).describe('Request id: req_…') });

const requestPage = z.strictObject({
  items: z.array(exchangeRecord),
  next: z.string().optional().describe('Cursor of the next page. A page may be short: go on as long as there is one.'),
  total: z
    .int()
    .optional()
    .describe(
      'Exchanges that match, counted exactly, also those without a record; since and until are taken to 5 s in the last two hours, to the minute in the last two days, else to the hour. Left out when counts do not tell them apart: with q, gateway, subscription, address and minMs.',
    ),
});

/** Exchanges: the request log, and why each ended as it did. */
export const requestOperations = [
  operation({
    id: 'requests.list',
    method: 'GET',
    path: '/requests',
    permission: 'requests:read',
    summary: 'List exchanges, newest first.',
    query: z.strictObject({ ...requestFilter, ...pageFields }),
    response: requestPage,
    handler: async ({ context, query }) => {
      const { limit, cursor, ...asked } = query;
      const filter = await filterOf(context, asked);
      const [at, id] = cursor === undefined ? [] : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
      const before = at === undefined || id === undefined ? undefined : { at, id };
      const { exchanges } = context.services;
      const page = await reachable(exchanges.list(filter, { before, limit }));
      const total = await reachable(exchanges.count(filter, context.clock.now()));
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
    id: 'requests.export',
    method: 'GET',
    path: '/requests/export',
    permission: 'requests:read',
    summary: `Take exchanges away as CSV, JSON or a JSON document a line: the newest ${EXPORT_ROWS} that match.`,
    query: z.strictObject({
      ...requestFilter,
      format: z.enum(['csv', 'json', 'jsonl']).default('csv').describe('Form; times in CSV are ISO 8601 in UTC.'),
    }),
    media: EXPORT_MEDIA.csv,
    response: streamed,
    handler: async ({ context, query, signal }) => {
      const { format, ...asked } = query;
      const filter = await filterOf(context, asked);
      const records = readMatching(context.services.exchanges, filter, signal);
      return { body: Readable.from(exportRecords(records, format)), media: EXPORT_MEDIA[format] };
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
    handler: async ({ context, params }) => ({
      body: await getRecord(context, params.request),
    }),
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
      const now = context.clock.now();
      const like = similarFilter(record, now);
      const count = await reachable(context.services.exchanges.count(await filterOf(context, like), now));
      return { body: explain(record, { count: count ?? 1, filter: like }) };
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

/** The log's own failure as a problem. */
async function reachable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof UnavailableError) throw new ProblemError('unavailable', error.message);
    throw error;
  }
}
