import type { Page } from 'playwright-core';
import { deployAndWait, type Quickstart, quickstart } from './quickstart.ts';
import type { System } from './system.ts';

/** A display name as long as it may be, beginning with a word; `isWhole`: without a place to break. */
export function longName(word: string, isWhole = false): string {
  const rest = isWhole ? 'ReplenishmentOfTheNorthernRegion' : ' for replenishment of the northern region';
  return `${word}${rest.repeat(3)}`.slice(0, 63).trimEnd().concat('x').slice(0, 64);
}

/** A path of segments, long. */
const LONG_PATH =
  '/warehouses/replenishment-of-the-northern-region/{warehouse}/deliveries/{delivery}/positions/{position}';

/** What {@link fillWithLongNames} made: names for addresses. */
export interface LongNames {
  readonly made: Quickstart;
  readonly project: string;
  readonly resource: string;
  readonly policy: string;
  readonly product: string;
  readonly client: string;
  readonly subscription: string;
  readonly group: string;
  readonly user: string;
  /** Id of a resource owner. */
  readonly owner: string;
  /** Id of a request with a long path that was refused. */
  readonly request: string;
}

/** Fills a fresh system with the quickstart's objects, and beside each one whose names and paths are as long as people make them. */
export async function fillWithLongNames(system: System): Promise<LongNames> {
  const made = await quickstart(system, 'echo:');
  type Named = { readonly name: string };
  const { name: project } = await system.must<Named>('POST', '/projects', {
    displayName: longName('Warehouse', true),
    kind: 'http',
    contextPath: '/warehouse-and-replenishment-of-the-northern-region/deliveries-and-positions/v2',
    targetUrl: 'echo:',
    secureWith: 'oauth',
    scopes: ['warehouse:deliveries:positions:read', 'warehouse:deliveries:positions:write'],
    description: 'What comes in and what goes out. '.repeat(12),
  });
  const { name: resource } = await system.must<Named>('POST', `/projects/${project}/resources`, {
    ...{ displayName: longName('Positions'), path: LONG_PATH, methods: ['GET', 'PUT', 'PATCH', 'DELETE'] },
  });
  const { name: policy } = await system.must<Named>('POST', `/projects/${project}/policies`, {
    type: 'set-headers',
    displayName: longName('Mark', true),
    config: { set: [{ name: `X-${'Northern-Region-'.repeat(5)}Mark`, value: 'n'.repeat(200) }] },
  });
  for (const endpoint of ['targetRequest', 'proxyResponse'])
    await system.must('PUT', `/projects/${project}/resources/${resource}/endpoints/${endpoint}`, {
      attachments: [{ policy, enabled: true }],
    });
  await system.must('POST', `/projects/${project}/targets`, {
    displayName: longName('Spare', true),
    urls: [{ url: `https://warehouse.northern-region.internal.example${'/a-long-way-to-the-service'.repeat(4)}` }],
  });
  await deployAndWait(system, project);
  await system.must('PATCH', `/projects/${project}`, { description: 'Changed since.' });
  const { name: product } = await system.must<Named>('POST', '/products', {
    ...{ displayName: longName('Logistics'), projects: [project, 'orders-api', 'plain-api'] },
    scopes: [{ scope: 'warehouse:deliveries:positions:read' }, { scope: 'warehouse:deliveries:positions:write' }],
  });
  const { name: client } = await system.must<Named>('POST', '/clients', {
    displayName: longName('Forwarder', true),
    ownerEmail: `${'replenishment.'.repeat(4)}team@northern-region.warehouse.example`,
    tags: Array.from({ length: 8 }, (_, index) => `northern-region-${index}`),
  });
  const { name: subscription } = await system.must<Named>('POST', '/subscriptions', { client, product });
  await system.must('POST', `/subscriptions/${subscription}/keys`);
  const { name: group } = await system.must<Named>('POST', '/server-groups', { displayName: longName('Region', true) });
  await system.must(
    'PUT',
    `/server-groups/${group}/variables/name-of-the-northern-region-as-other-regions-see-it-in-headers`,
    { value: 'v'.repeat(300) },
  );
  const user = `replenishment.${'northern-region.'.repeat(2)}ops`;
  await system.must('POST', '/users', {
    ...{ name: user, displayName: longName('Robin', true), roles: [{ role: 'viewer' }] },
    ...{ password: 'a calm sea and prosperous voyage', email: `${'robin.'.repeat(6)}ops@northern-region.example` },
  });
  await system.must('POST', '/management-keys', {
    ...{ displayName: longName('Pipeline', true), roles: [{ role: 'viewer' }], owner: 'machine' },
  });
  await system.must('POST', '/identity-providers', {
    ...{ displayName: longName('Directory', true), clientId: 'a', clientSecret: 'b' },
    issuer: `https://id.northern-region.example${'/tenant-of-the-region'.repeat(4)}`,
  });
  const { name: directory } = await system.must<Named>('POST', '/directories', {
    ...{ displayName: longName('People', true), kind: 'ldap' },
    ldap: {
      url: `ldaps://${'people-of-the-region.'.repeat(4)}example`,
      searchBase: `ou=${'people of the northern region'.repeat(3)}`,
    },
  });
  await system.must('POST', '/token-stores', { displayName: longName('Cache', true), kind: 'memory' });
  const { id: owner } = await system.must<{ readonly id: string }>('POST', '/resource-owners', {
    ...{ name: `robin.${'northern-region.'.repeat(5)}ops`, displayName: longName('Robin', true), directory },
    email: `${'robin.'.repeat(6)}ops@northern-region.example`,
  });
  const refused = await fetch(`${made.apiUrl}${'/positions-of-the-delivery'.repeat(8)}?page=1&size=${'9'.repeat(60)}`);
  for (let call = 0; call < 3; call += 1) await fetch(`${made.plainUrl}/${call}`);
  const request = refused.headers.get('x-request-id') ?? '';
  return { made, project, resource, policy, product, client, subscription, group, user, owner, request };
}

/** A screen, and what of the API it may ask for besides the session and the header. */
export interface Screen {
  readonly path: string;
  /** Path of the one request that answers what it shows; left out: it shows a form. Behind /api/v1. */
  readonly main?: string;
  /** Choices for its filters and fields, and lists within it that are paged by themselves. */
  readonly choices?: readonly string[];
}

const GROUPS = '/overview/server-groups';
const TYPES = '/policy-types';

/** Every screen of console/src/router.tsx that lists or asks for something: they are there in an empty system too. */
export const LISTS: readonly Screen[] = [
  { path: '/', main: '/overview/dashboard' },
  { path: '/projects', main: '/overview/projects' },
  { path: '/projects?view=cards', main: '/overview/projects' },
  { path: '/projects?add=oauth-token-endpoint', choices: ['/overview/projects', GROUPS, '/gateways'] },
  { path: '/projects?add=oauth-authorization-endpoint', choices: ['/overview/projects', GROUPS, '/gateways'] },
  { path: '/projects?add=http', choices: [GROUPS, '/gateways'] },
  { path: '/projects?add=wsdl' },
  { path: '/projects?add=import' },
  { path: '/projects?add=export' },
  { path: '/deployments', main: '/overview/deployments', choices: [GROUPS] },
  { path: '/server-groups', main: GROUPS },
  { path: '/server-groups/local', main: '/overview/server-groups/local' },
  { path: '/products', main: '/overview/products' },
  { path: '/clients', main: '/overview/clients' },
  { path: '/subscriptions', main: '/overview/subscriptions' },
  { path: '/resource-owners', main: '/resource-owners' },
  { path: '/resource-owners?add=resource-owner', main: '/resource-owners' },
  { path: '/resource-owners/directories', main: '/directories' },
  { path: '/monitor', main: '/metrics/monitor', choices: [GROUPS, '/requests'] },
  { path: '/requests', main: '/requests' },
  { path: '/try', choices: ['/overview/subscriptions'] },
  { path: '/audit', main: '/audit' },
  { path: '/settings', main: '/settings' },
  { path: '/settings/users', main: '/users' },
  { path: '/settings/identity-providers', main: '/identity-providers' },
  { path: '/settings/keys', main: '/management-keys' },
  { path: '/settings/signing-keys', main: '/signing-keys' },
  { path: '/settings/token-stores', main: '/token-stores' },
  { path: '/settings/token-stores/configured', main: '/token-stores/configured' },
  { path: '/settings/profile' },
  { path: '/nowhere' },
];

/** The screens of one thing each. */
export function screensOf(names: LongNames): readonly Screen[] {
  const { project, resource, policy, product, client, subscription, group, user, owner, request } = names;
  const main = `/overview/projects/${project}`;
  const tab = (path: string, ...choices: readonly string[]) => ({ path: `/projects/${project}${path}`, main, choices });
  return [
    tab(''),
    tab('/resources', TYPES),
    tab(`/resources/${resource}?policy=${policy}&at=targetRequest`, TYPES),
    tab('/resources/_all', TYPES),
    tab('/policies', TYPES),
    tab(`/policies/${policy}`, TYPES),
    tab('/chains'),
    tab('/targets'),
    tab('/deployments', '/overview/deployments', GROUPS),
    tab('/settings'),
    {
      path: '/projects/access-token/policies/oauth-token-endpoint',
      main: '/overview/projects/access-token',
      choices: [TYPES, '/token-stores'],
    },
    { path: `/server-groups/${group}`, main: `/overview/server-groups/${group}` },
    { path: `/products/${product}`, main: `/overview/products/${product}` },
    { path: `/clients/${client}`, main: `/overview/clients/${client}`, choices: ['/overview/subscriptions'] },
    { path: `/subscriptions/${subscription}`, main: `/overview/subscriptions/${subscription}` },
    {
      path: `/resource-owners/${owner}`,
      main: `/resource-owners/${owner}`,
      choices: [`/resource-owners/${owner}/consents`, '/directories'],
    },
    {
      path: `/resource-owners/${owner}?tab=settings`,
      main: `/resource-owners/${owner}`,
      choices: ['/directories'],
    },
    { path: `/requests/${request}`, main: `/requests/${request}/why` },
    { path: '/requests/req_0123456789ABCDEF', main: '/requests/req_0123456789ABCDEF/why' },
    { path: `/settings/users/${user}`, main: `/users/${user}`, choices: [GROUPS] },
  ];
}

/** What every screen asks: who is signed in, and what the header shows. */
const SHELL = ['/session', '/overview/header'];

/** Listens to what a page asks of the API. `take` gives what was asked since it was last called: each path once a query. */
export function listenToRequests(page: Page): { take(): readonly string[]; readonly refused: readonly string[] } {
  let asked = new Set<string>();
  const refused: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!url.pathname.startsWith('/api/v1/')) return;
    // The stretch of time that is shown goes on with the clock.
    for (const moving of ['from', 'to', 'since', 'until']) url.searchParams.delete(moving);
    asked.add(`${request.method()} ${url.pathname.slice('/api/v1'.length)}${url.search}`);
  });
  page.on('response', (response) => {
    if (response.status() === 403) refused.push(`${page.url()}: ${response.request().method()} ${response.url()}`);
  });
  return {
    refused,
    take() {
      const taken = [...asked].filter((one) => !SHELL.some((path) => one === `GET ${path}`));
      asked = new Set();
      return taken;
    },
  };
}
