import * as z from 'zod';
import { LATENCY_BUCKETS } from '../latency-histogram.ts';

/** Width of the buckets of time in which gateways count. */
export const COUNT_BUCKET_MS = 5000;

/** Stands for clients beyond those that are told apart in one bucket; no client has this id. */
export const OTHER_CLIENTS = 'other';

const latencies = z
  .array(z.int().min(0))
  .max(2 * LATENCY_BUCKETS)
  .default([]);

/** Exact counts of a bucket's exchanges (records may be sampled, counts are not). */
export const exchangeCount = z.preprocess(
  fromEarlier,
  z.strictObject({
    at: z.number().describe('Begin of the bucket of 5 s, epoch ms.'),
    project: z.string().describe('Empty: no route matched.'),
    version: z.int(),
    status: z.int(),
    code: z.string().describe('Reason code; empty when it was not refused.'),
    clientId: z.string().describe('Empty: not known. other: beyond the clients that are told apart.'),
    count: z.int(),
    took: latencies.describe('Latency buckets, each followed by how often: core/latency-histogram.ts.'),
    added: latencies.describe(
      'The same of what the gateway added: without the time for which it waited for the target.',
    ),
  }),
);
export type ExchangeCount = z.infer<typeof exchangeCount>;

/** Counts as gateways kept them before there were histograms: by the minute. Those may still lie in a gateway's spool. */
function fromEarlier(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('minute' in value)) return value;
  const { minute, tookMsSum: _, ...rest } = value as Record<string, unknown>;
  return { at: minute, ...rest };
}
