import { copyName } from './catalogue.ts';

/** One thing that is asked of a full manager, many times. */
export interface ListCase {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Behind /api/v1. */
  path(turn: number): string;
  body?(turn: number): object;
  /** The page to ask for: `deep` goes on from the middle of the list. */
  readonly page?: 'first' | 'deep';
}

const SORTS = ['displayName', '-displayName', 'name', '-name', 'createdAt', '-createdAt', 'updatedAt', '-updatedAt'];
/** Rare, common, and what nothing has; a word in the middle of names too. */
const SEARCHES = ['sync 4711', 'mobile', 'zzzz', 'ayments'];

const LISTS: readonly { readonly path: string; readonly filters: readonly string[] }[] = [
  { path: '/projects', filters: ['kind=http'] },
  { path: '/products', filters: ['state=published'] },
  { path: '/clients', filters: ['active=true', 'active=false'] },
  {
    path: '/subscriptions',
    filters: [
      'state=active',
      'state=suspended',
      'state=ended',
      'product=mobile-shop-0',
      'client=mobile-shop-0',
      'product=mobile-shop-0&state=active&q=shop',
    ],
  },
];

/** Every list with its pages, orders, searches and filters, every screen, the search, and what grows with a full registry. */
export const listCases: readonly ListCase[] = [
  ...['', '/overview'].flatMap((prefix) => LISTS.flatMap(({ path, filters }) => casesOf(prefix + path, filters))),
  ...['/deployments', '/overview/deployments'].flatMap((path) => [
    read(path),
    deep(path),
    ...['state=live', 'serverGroup=local', 'project=mobile-shop-0', 'serverGroup=local&state=live'].map((filter) =>
      read(`${path}?${filter}`),
    ),
  ]),
  ...['/server-groups', '/overview/server-groups', '/overview/server-groups/local', '/management-keys', '/audit'].map(
    read,
  ),
  ...['/status', '/overview/header', '/overview/dashboard'].map(read),
  ...['/overview/projects/mobile-shop-0', '/overview/projects/mobile-shop-0/deploy'].map(read),
  ...[
    '/overview/products/mobile-shop-0',
    '/overview/clients/mobile-shop-0',
    '/overview/subscriptions/mobile-shop-0',
  ].map(read),
  ...['m', 'mobile', 'sync 4711', 'zzzz', '/catalogue/12', 'k0001', 'req_0123456789ABCDEF'].map((q) =>
    read(`/search?q=${encodeURIComponent(q)}`),
  ),
  {
    name: 'checks of a deployment (dry run)',
    method: 'POST',
    path: () => '/deployments',
    body: (turn) => ({ project: copyName(turn * 3), serverGroup: 'local', dryRun: true }),
  },
  {
    name: 'a deployment',
    method: 'POST',
    path: () => '/deployments',
    body: (turn) => ({ project: copyName(turn * 3), serverGroup: 'staging', note: `turn ${turn}` }),
  },
  {
    name: 'a change of a client (feed)',
    method: 'PATCH',
    path: (turn) => `/clients/${copyName(turn)}`,
    body: (turn) => ({ description: `turn ${turn}` }),
  },
];

function casesOf(path: string, filters: readonly string[]): ListCase[] {
  return [
    read(path),
    deep(path),
    ...SORTS.slice(1).map((sort) => read(`${path}?sort=${sort}`)),
    ...SEARCHES.map((q) => read(`${path}?q=${encodeURIComponent(q)}`)),
    deep(`${path}?q=shop&sort=-updatedAt`),
    ...filters.map((filter) => read(`${path}?${filter}`)),
  ];
}

function read(path: string): ListCase {
  return { name: `GET ${path}`, method: 'GET', path: () => path };
}

function deep(path: string): ListCase {
  return { name: `GET ${path} (deep page)`, method: 'GET', path: () => path, page: 'deep' };
}
