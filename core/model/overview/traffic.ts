import * as z from 'zod';

/** Requests of a stretch of time, and how many of them failed (4xx and 5xx). */
export const trafficCount = z.strictObject({
  requests: z.int(),
  failed: z.int(),
});
export type TrafficCount = z.infer<typeof trafficCount>;

/** What happened in one bucket of time. */
export const trafficPoint = z.strictObject({
  at: z.number().describe('Begin of the bucket, epoch ms.'),
  ok: z.int().describe('1xx to 3xx.'),
  clientError: z.int().describe('4xx.'),
  serverError: z.int().describe('5xx.'),
  p50: z.number().optional().describe('Median latency in ms; left out when nothing was called.'),
  p95: z.number().optional(),
  p99: z.number().optional(),
});
export type TrafficPoint = z.infer<typeof trafficPoint>;

/** A change of a deployment, for charts. */
export const deploymentMarker = z.strictObject({
  at: z.number(),
  deploymentId: z.string(),
  project: z.string(),
  projectDisplayName: z.string(),
  serverGroup: z.string(),
  version: z.int(),
  kind: z.enum(['deploy', 'rollback', 'undeploy']),
});
export type DeploymentMarker = z.infer<typeof deploymentMarker>;

/** Something changed since a deployment: the 5xx share is at least 5 points higher than before it. */
export const trafficNotice = z.strictObject({
  sentence: z
    .string()
    .describe('e.g. 5xx went from 0% to 48% at 12:56. It began 4 s after Orders API v4 was deployed.'),
  deploymentId: z.string(),
  project: z.string(),
  projectDisplayName: z.string(),
  serverGroup: z.string(),
  serverGroupDisplayName: z.string(),
  version: z.int(),
  previousVersion: z.int().optional(),
  before: z.number().describe('Share of 5xx before, 0 to 1.'),
  after: z.number(),
  since: z.number().describe('Epoch ms at which it began.'),
});
export type TrafficNotice = z.infer<typeof trafficNotice>;

/** The Monitor's numbers for a stretch of time. */
export const monitor = z.strictObject({
  from: z.number(),
  to: z.number(),
  stepMs: z.int().describe('Width of a bucket.'),
  totals: z.strictObject({
    requests: z.int(),
    perMinute: z.number(),
    clientErrors: z.int(),
    serverErrors: z.int(),
    p50: z.number().optional(),
    p95: z.number().optional(),
    p99: z.number().optional(),
    gatewayP95: z.number().optional().describe('Latency that the gateway added, in ms.'),
  }),
  before: trafficCount
    .extend({ serverErrors: z.int() })
    .describe('The stretch of the same length just before, to compare with.'),
  series: z.array(trafficPoint),
  statuses: z.array(z.strictObject({ status: z.int(), requests: z.int() })),
  reasons: z.array(z.strictObject({ code: z.string(), title: z.string(), requests: z.int() })),
  topClients: z.array(
    z.strictObject({
      clientId: z.string().describe('Empty: callers that are not known.'),
      name: z.string().optional().describe('Left out when the client is deleted or not known.'),
      displayName: z.string(),
      requests: z.int(),
      failed: z.int(),
      p95: z.number().optional(),
    }),
  ),
  deployments: z.array(deploymentMarker),
  notices: z.array(trafficNotice),
});
export type Monitor = z.infer<typeof monitor>;

/** What the live stream says: data of its event `traffic`. */
export const trafficLive = z.strictObject({
  at: z.number().describe('When it was said, epoch ms.'),
  stepMs: z.int().describe('Width of a bucket.'),
  points: z
    .array(trafficPoint)
    .describe('The newest buckets, oldest first; they replace what was said of them before.'),
  recorded: z
    .int()
    .describe('Records that arrived since the manager started: when it grows, the request log has new ones.'),
  newestAt: z
    .number()
    .optional()
    .describe('When the newest recorded exchange began; ask for what came since, less a few seconds.'),
});
export type TrafficLive = z.infer<typeof trafficLive>;
