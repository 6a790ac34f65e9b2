import * as z from 'zod';
import { PHASES } from './endpoint.ts';
import { exchangeCount } from './exchange-count.ts';
import { gatewayNameSchema } from './name.ts';

const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]));

/** What one policy did in an exchange. */
export const policyVerdict = z.strictObject({
  policy: z.string().describe('Name of the policy.'),
  displayName: z.string(),
  type: z.string(),
  phase: z.enum(PHASES),
  chain: z.string().optional().describe('The policy chain in which it ran; left out for an attached policy.'),
  outcome: z
    .enum(['passed', 'answered', 'stopped', 'failed', 'not-reached'])
    .describe('stopped: refused here. answered: gave the answer itself. failed: threw.'),
  code: z.string().optional(),
  ms: z.number().describe('Milliseconds it took.'),
  facts: facts.optional(),
});
export type PolicyVerdict = z.infer<typeof policyVerdict>;

/** The call to the target, when there was one. */
export const targetCall = z.strictObject({
  target: z.string(),
  url: z.string().describe('Scheme, host and port.'),
  outcome: z.enum(['answered', 'failed']),
  status: z.int().optional(),
  tries: z.int(),
  connection: z
    .strictObject({
      dnsMs: z.number().optional().describe('Finding the address; left out for an IP address.'),
      connectMs: z.number(),
      tlsMs: z.number().optional(),
    })
    .optional()
    .describe('How long it took to make a connection; left out when one was there.'),
  firstByteMs: z.number().optional().describe('From the first try to the first byte of the answer.'),
  totalMs: z.number().optional().describe('From the first try to the end of the answer.'),
  error: z.string().optional(),
});
export type TargetCall = z.infer<typeof targetCall>;

/** One exchange, as kept for log and explain. Holds no token, secret, query value or body. */
export const exchangeRecord = z.strictObject({
  id: z.string().describe('Request id.'),
  at: z.number(),
  gatewayId: z.string(),
  gateway: z.string(),
  serverGroup: z.string(),
  method: z.string(),
  host: z.string(),
  path: z.string(),
  queryNames: z.array(z.string()).describe('Names of the query parameters; values are not kept.'),
  remoteAddress: z.string(),
  callerRequestId: z.string().optional().describe('The X-Request-Id that the caller sent, if it was fit to keep.'),
  triedBy: z.string().optional().describe('Who made it by Try it; left out for a caller of their own.'),
  status: z.int(),
  tookMs: z.number(),
  requestBytes: z.number(),
  responseBytes: z.number(),
  code: z.string().optional().describe('Reason code of a refusal.'),
  facts: facts.optional().describe('Facts of the refusal.'),
  project: z.string().optional(),
  projectId: z.string().optional(),
  projectDisplayName: z.string().optional(),
  version: z.int().optional(),
  resource: z.string().optional(),
  clientId: z.string().optional(),
  clientName: z.string().optional(),
  clientDisplayName: z.string().optional().describe('Its display name at that time.'),
  subscriptionId: z.string().optional(),
  productId: z.string().optional(),
  secretId: z.string().optional(),
  tokenPrefix: z.string().optional(),
  policies: z.array(policyVerdict),
  target: targetCall.optional(),
});
export type ExchangeRecord = z.infer<typeof exchangeRecord>;

/** What a gateway sends to the manager every quarter of a second when there is something, at least every second. */
export const gatewayReport = z.strictObject({
  gatewayId: z.string(),
  name: gatewayNameSchema,
  serverGroup: z.string(),
  address: z
    .string()
    .max(2048)
    .refine((text) => text === '' || isHttpOrigin(text), 'An http:// or https:// address.')
    .describe('Where it listens; empty: not yet.'),
  softwareVersion: z.string(),
  startedAt: z.number(),
  epoch: z.string(),
  seq: z.int(),
  state: z.enum(['ready', 'not-ready', 'draining']),
  workers: z.int(),
  problem: z.string().optional(),
  /** Of its machine: equal for gateways on one. */
  machine: z.string().max(128).optional(),
  tokenStore: z.strictObject({ kind: z.string().max(32), place: z.string().max(4096) }).optional(),
  /** Share of its machine that its processes take, 0 to 1. */
  cpuShare: z.number().optional(),
  memoryBytes: z.number().optional(),
  connections: z.int().optional(),
  /** Refused deployments: object id `groupId/projectId`, the feed number and why. */
  refused: z.array(z.strictObject({ id: z.string(), seq: z.int(), problem: z.string() })),
  batchId: z.string().describe('Records and counts of one batch are taken once, however often it is sent.'),
  records: z.array(exchangeRecord).max(5000),
  counts: z.array(exchangeCount).max(5000),
  dropped: z
    .array(z.strictObject({ code: z.string(), project: z.string(), count: z.int() }))
    .describe('Exchanges that were counted only.'),
  secretsUsed: z
    .array(
      z.strictObject({
        secretId: z.string(),
        at: z.number().describe('When it was used last.'),
        address: z.string(),
        uses: z.int().min(1).default(1).describe('How often in this batch.'),
      }),
    )
    .max(5000),
});
export type GatewayReport = z.infer<typeof gatewayReport>;

/** A fix: words, and a command line or a link into the console. */
export const fix = z.strictObject({ text: z.string(), command: z.string().optional(), link: z.string().optional() });
export type Fix = z.infer<typeof fix>;

/** Answer of `GET /requests/:id/why`. */
export const why = z.strictObject({
  requestId: z.string(),
  code: z.string().describe('Reason code; `ok` when it was not refused.'),
  status: z.int(),
  title: z.string(),
  sentence: z.string(),
  facts: z.array(z.strictObject({ label: z.string(), value: z.string() })),
  fixes: z.array(fix),
  policy: z.string().optional(),
  phase: z.enum(PHASES).optional(),
  similar: z.strictObject({
    count: z.int().describe('How many ended like this, itself among them when it is recent enough.'),
    query: z.string().describe('The same as query parameters of the request log, in the API and in the console.'),
    sinceMs: z.number().describe('How far back it looks.'),
  }),
  record: exchangeRecord,
});
export type Why = z.infer<typeof why>;

/** It becomes the beginning of addresses that are shown and called. */
function isHttpOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '' &&
    url.pathname === '/'
  );
}
