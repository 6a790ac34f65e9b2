import { PHASES } from '#core/model/endpoint';
import type { ProjectOverview } from '#core/model/overview/screens';
import type { Project } from '#core/model/project';
import type { Resource } from '#core/model/resource';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { diffSnapshots } from '../deployments/diff.ts';
import { changedDrafts } from '../deployments/draft-state.ts';
import { findNewestVersion, getVersion } from '../deployments/versions.ts';
import { readSnapshots } from '../drafts/snapshot.ts';
import { readHead } from '../feed/append.ts';
import { trafficOfProjects } from '../metrics/traffic.ts';
import { listPolicies } from '../records/policy.ts';
import { listPolicyChains } from '../records/policy-chain.ts';
import { getProjectRow, parseProject } from '../records/project.ts';
import { notFound } from '../records/record.ts';
import { listResources } from '../records/resource.ts';
import { listTargets } from '../records/target.ts';
import type { ProjectTable } from '../tables.ts';
import { type LiveRow, liveRowsOf, parseLive } from './live-version.ts';
import { listGroups, tokenUrlsOf, urlsOf } from './public-urls.ts';
import { findTokenProfile } from './token-profile.ts';

const PLACES_SHOWN = 1000;
const DAY_MS = 86_400_000;

/**
 * A project with everything its tabs show.
 * @throws ProblemError `not_found` for the project, or for the resource that was asked for
 */
export async function showProject(
  context: ManagerContext,
  asked: { readonly project: string; readonly resource?: string | undefined },
): Promise<ProjectOverview> {
  const { read } = context.db;
  const row = await getProjectRow(read, asked.project);
  const project = parseProject(row);
  const resources = await listResources(read, row.id);
  const resource = resources.find(({ id, name }) => asked.resource === id || asked.resource === name);
  if (asked.resource !== undefined && resource === undefined) throw notFound('resource', asked.resource);
  const live = (await liveRowsOf(read, [row.id])).get(row.id) ?? [];
  const newest = await findNewestVersion(read, row.id);
  const places = {
    groups: await listGroups(read),
    gateways: context.services.gateways.list(await readHead(read)),
  };
  const consumerKey = await findConsumerKey(read, project, context.clock.now());
  const policies = await listPolicies(read, row.id, context.policyTypes);
  const tokenProfile = await findTokenProfile(context, project, policies);
  const traffic = await trafficOfProjects(context, [row.name], context.clock.now() - DAY_MS);
  return {
    project,
    policies,
    resources: resources.map(resourceRowOf),
    ...(resource !== undefined && { resource }),
    targets: await listTargets(read, row.id),
    chains: await listPolicyChains(read, row.id),
    places: policyPlaces(project, resources),
    live: live.map(parseLive),
    draftChanges: await countChanges(context, row, live[0]),
    ...(newest !== undefined && { newestVersion: newest.number }),
    products: await productsWith(read, row.id),
    urls: urlsOf(project, live, places),
    tokenUrls: await tokenUrlsOf(read, places),
    ...(consumerKey !== undefined && { consumerKey }),
    ...(traffic !== undefined && { last24h: traffic.get(row.name) ?? { requests: 0, failed: 0 } }),
    ...(tokenProfile !== undefined && { tokenProfile }),
  };
}

function resourceRowOf({ id, name, displayName, path, methods, public: isPublic, target, endpoints }: Resource) {
  const attached = PHASES.reduce((count, phase) => count + endpoints[phase].length, 0);
  return { id, name, displayName, path, methods, public: isPublic, ...(target !== undefined && { target }), attached };
}

function policyPlaces(project: Project, resources: readonly Resource[]): ProjectOverview['places'] {
  const attached = [
    { of: undefined, endpoints: project.endpoints },
    ...resources.map((of) => ({ of, endpoints: of.endpoints })),
  ];
  return attached
    .flatMap(({ of, endpoints }) =>
      PHASES.flatMap((endpoint) =>
        endpoints[endpoint].map(({ policy, enabled }) => ({
          policy,
          ...(of !== undefined && { resource: of.name, resourceDisplayName: of.displayName }),
          endpoint,
          enabled,
        })),
      ),
    )
    .slice(0, PLACES_SHOWN);
}

/** How many differences there are between the draft and what was placed last; the two are read only when their hashes differ. */
async function countChanges(context: ManagerContext, row: ProjectTable, live: LiveRow | undefined): Promise<number> {
  if (live === undefined) return 0;
  const changed = await changedDrafts(context, [row], () => live);
  if (!changed.has(row.id)) return 0;
  const { read } = context.db;
  const { snapshot } = await getVersion(read, row, live.version);
  const draft = (await readSnapshots(read, [row], context.policyTypes)).get(row.id);
  return diffSnapshots(snapshot, draft).length;
}

async function productsWith(reader: Reader, projectId: string): Promise<ProjectOverview['products']> {
  const rows = await reader
    .selectFrom('product_projects')
    .innerJoin('products', 'products.id', 'product_projects.product_id')
    .select(['products.name', 'products.display_name'])
    .where('product_projects.project_id', '=', projectId)
    .orderBy('products.display_key')
    .limit(PLACES_SHOWN)
    .execute();
  return rows.map(({ name, display_name }) => ({ name, displayName: display_name }));
}

/** The consumer key of any subscription that may call the project now; a token end point answers every client. */
async function findConsumerKey(reader: Reader, project: Project, now: number): Promise<string | undefined> {
  const subscriptions = reader.selectFrom('subscriptions').select('subscriptions.consumer_key');
  const allowed =
    project.kind === 'oauth-token-endpoint'
      ? subscriptions
      : subscriptions
          .innerJoin('product_projects', 'product_projects.product_id', 'subscriptions.product_id')
          .where('product_projects.project_id', '=', project.id);
  const row = await allowed
    .where('subscriptions.state', '=', 'active')
    .where((one) => one.or([one('subscriptions.ends_at', 'is', null), one('subscriptions.ends_at', '>', now)]))
    .where('subscriptions.consumer_key', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return row?.consumer_key ?? undefined;
}
