import * as z from 'zod';
import { client } from '../client.ts';
import { consumerKeys } from '../consumer-key.ts';
import { deployment } from '../deployment.ts';
import { PROFILES } from '../oauth-profile.ts';
import { policy } from '../policy.ts';
import { policyChain } from '../policy-chain.ts';
import { product } from '../product.ts';
import { project } from '../project.ts';
import { resource } from '../resource.ts';
import { gateway, serverGroup } from '../server-group.ts';
import { subscription } from '../subscription.ts';
import { target } from '../target.ts';
import { trafficCount, trafficNotice, trafficPoint } from './traffic.ts';

/** What a screen of the console shows, in one answer each: `/overview/…`. */

const titled = z.strictObject({ name: z.string(), displayName: z.string() });

/** A version that runs on a server group. */
export const liveVersion = z.strictObject({
  serverGroup: z.string(),
  serverGroupDisplayName: z.string(),
  version: z.int(),
  since: z.number(),
  deploymentId: z.string(),
  rolledBackFrom: z.int().optional().describe('The version that was taken back for this one.'),
});
export type LiveVersion = z.infer<typeof liveVersion>;

/** Something that a person should look at. */
export const attention = z.strictObject({
  text: z.string(),
  command: z.string().optional().describe('The command line that helps.'),
  link: z.string().optional().describe('Where in the console to look, a path.'),
});
export type AttentionItem = z.infer<typeof attention>;

/** The header of every page. */
export const headerOverview = z.strictObject({
  gateways: z.strictObject({ ready: z.int(), total: z.int() }),
  attention: z.array(attention),
});
export type HeaderOverview = z.infer<typeof headerOverview>;

/** The first steps, ticked by what is there. */
export const FIRST_STEPS = ['token-endpoint', 'protected-api', 'deployed', 'registered', 'keys', 'call'] as const;

/** The dashboard. */
export const dashboardOverview = z.strictObject({
  firstSteps: z.array(z.strictObject({ id: z.enum(FIRST_STEPS), done: z.boolean() })),
  traffic: z.strictObject({
    perMinute: z.number(),
    failedShare: z.number().optional().describe('0 to 1; left out without traffic.'),
    p95: z.number().optional(),
    series: z.array(trafficPoint).describe('The last 30 minutes.'),
  }),
  attention: z.array(attention),
  notices: z.array(trafficNotice),
  recentDeployments: z.array(deployment),
  counts: z.record(z.string(), z.int()),
});
export type DashboardOverview = z.infer<typeof dashboardOverview>;

/** A row of API projects. */
export const projectRow = z.strictObject({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  kind: project.shape.kind,
  contextPath: z.string(),
  live: z.array(liveVersion),
  draftChanged: z.boolean().describe('The draft says something else than what was deployed last.'),
  revision: z.int(),
  updatedAt: z.number(),
  updatedBy: z.string(),
  last24h: trafficCount.optional().describe('Left out when the records cannot be asked.'),
});
export type ProjectRow = z.infer<typeof projectRow>;

/** A resource as listed: its settings without its policies. */
export const resourceRow = z.strictObject({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  path: z.string(),
  methods: z.array(z.string()),
  public: z.boolean(),
  target: z.string().optional().describe('Name of the target that answers.'),
  attached: z.int().describe('How many policies are attached to it.'),
});
export type ResourceRow = z.infer<typeof resourceRow>;

/** Where a policy is attached. */
export const policyPlace = z.strictObject({
  policy: z.string(),
  resource: z.string().optional().describe('Left out: at project level.'),
  resourceDisplayName: z.string().optional(),
  endpoint: z.enum(['proxyRequest', 'targetRequest', 'targetResponse', 'proxyResponse']),
  enabled: z.boolean().describe('Off: attached, does not run.'),
});
export type PolicyPlace = z.infer<typeof policyPlace>;

/** A project with all its tabs. */
export const projectOverview = z.strictObject({
  project,
  policies: z.array(policy),
  resources: z.array(resourceRow),
  resource: resource.optional().describe('The one that was asked for with ?resource=.'),
  targets: z.array(target),
  chains: z.array(policyChain).describe('Policy chains, oldest first.'),
  places: z.array(policyPlace).describe('Where each policy is attached; at most 1000.'),
  live: z.array(liveVersion),
  draftChanges: z.int().describe('Differences between the draft and what was deployed last; 0 when never deployed.'),
  newestVersion: z.int().optional(),
  products: z.array(titled),
  urls: z.array(
    z.strictObject({
      serverGroup: z.string(),
      serverGroupDisplayName: z.string(),
      url: z.string(),
      isLive: z.boolean(),
    }),
  ),
  tokenUrls: z
    .array(z.strictObject({ serverGroup: z.string(), url: z.string(), project: z.string() }))
    .describe('Token end points that are live, for curl lines.'),
  consumerKey: z.string().optional().describe('A consumer key that may call it, for curl lines.'),
  last24h: trafficCount.optional(),
  tokenProfile: z
    .enum(PROFILES)
    .optional()
    .describe('Of an authorization end point: the profile of its token end point, as that one’s draft has it.'),
});
export type ProjectOverview = z.infer<typeof projectOverview>;

/** Where a project can be deployed to. */
export const deployChoices = z.strictObject({
  serverGroups: z.array(
    titled.extend({
      gatewaysUp: z.int(),
      gateways: z.int(),
      version: z.int().optional().describe('What runs there now.'),
      requestsPerMinute: z.int().optional(),
      isAllowed: z.boolean().describe('Whether who asks may deploy there.'),
    }),
  ),
});
export type DeployChoices = z.infer<typeof deployChoices>;

/** A deployment and what it did to the traffic. */
export const deploymentRow = z.strictObject({
  deployment,
  effect: z
    .strictObject({ before: trafficCount, after: trafficCount })
    .optional()
    .describe('15 minutes before and its first 15 minutes.'),
});
export type DeploymentRow = z.infer<typeof deploymentRow>;

/** A row of server groups. */
export const serverGroupRow = z.strictObject({
  serverGroup,
  gateways: z.strictObject({ ready: z.int(), total: z.int() }),
  projects: z.int().describe('Projects that run there.'),
});
export type ServerGroupRow = z.infer<typeof serverGroupRow>;

/** A server group with its gateways. */
export const serverGroupOverview = z.strictObject({
  serverGroup,
  gateways: z.array(gateway),
  seq: z.int().describe('Number of the newest change.'),
  projects: z.int().describe('How many projects run there.'),
  live: z
    .array(z.strictObject({ project: z.string(), projectDisplayName: z.string(), version: z.int(), since: z.number() }))
    .describe('What runs there, placed last first; at most 200.'),
});
export type ServerGroupOverview = z.infer<typeof serverGroupOverview>;

/** A row of products. */
export const productRow = z.strictObject({ product, subscriptions: z.int() });
export type ProductRow = z.infer<typeof productRow>;

/** A product with what it contains. */
export const productOverview = z.strictObject({
  product,
  projects: z.array(
    titled.extend({ kind: z.string(), contextPath: z.string(), isSecured: z.boolean(), live: z.array(liveVersion) }),
  ),
  subscriptions: z.record(z.string(), z.int()).describe('How many in each state.'),
});
export type ProductOverview = z.infer<typeof productOverview>;

/** A row of clients. */
export const clientRow = z.strictObject({
  client,
  subscriptions: z.int(),
  lastUsedAt: z.number().optional().describe('When one of its secrets was used last.'),
});
export type ClientRow = z.infer<typeof clientRow>;

/** A row of subscriptions. */
export const subscriptionRow = z.strictObject({
  subscription,
  clientDisplayName: z.string(),
  productDisplayName: z.string(),
});
export type SubscriptionRow = z.infer<typeof subscriptionRow>;

/** What goes with keys wherever they are shown. */
const keyHelp = {
  tokenUrls: z
    .array(z.strictObject({ serverGroup: z.string(), url: z.string(), project: z.string() }))
    .describe('Token end points that are live, for the curl line.'),
  secretUses: z
    .record(z.string(), z.strictObject({ lastHour: z.int() }))
    .describe('By secret id: how often it was used in the last hour.'),
};

/** A client with its subscriptions and keys. */
export const clientOverview = z.strictObject({
  client,
  subscriptions: z.array(subscriptionRow),
  keys: z.array(consumerKeys),
  ...keyHelp,
  requestsLastMinute: z.int().optional(),
  requestsLast24h: z.int().optional(),
});
export type ClientOverview = z.infer<typeof clientOverview>;

/** A subscription with its keys. */
export const subscriptionOverview = z.strictObject({
  subscription,
  client,
  product,
  keys: consumerKeys,
  ...keyHelp,
});
export type SubscriptionOverview = z.infer<typeof subscriptionOverview>;

/** Something found by the search of the header. */
export const searchHit = z.strictObject({
  kind: z.enum([
    'project',
    'product',
    'client',
    'subscription',
    'server-group',
    'request',
    'resource',
    'user',
    'resource-owner',
  ]),
  title: z.string(),
  detail: z.string(),
  link: z.string().describe('Path in the console.'),
});
export type SearchHit = z.infer<typeof searchHit>;

/** Answer of the search. */
export const searchResult = z.strictObject({ items: z.array(searchHit) });
