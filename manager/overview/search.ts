import type { SearchHit } from '#core/model/overview/screens';
import type { Permission } from '#core/model/role';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { HITS_OF_KIND, type RankedHit } from './search-hit.ts';
import { searchConsumerKeys, searchPaths } from './search-more.ts';
import { type FoundRow, searchRecords } from './search-records.ts';
import type { Viewer } from './viewer.ts';

const REQUEST_ID = /^req_[0-9A-HJKMNP-TV-Z]{8,32}$/i;

/**
 * What the search of the header finds: at most six of each kind, those that begin with what was typed first. A request id leads to its page,
 * which knows whether there is such a request.
 */
export async function search(context: ManagerContext, viewer: Viewer, typed: string): Promise<SearchHit[]> {
  const { read } = context.db;
  const q = typed.trim();
  if (q === '') return [];
  if (REQUEST_ID.test(q)) return viewer.may('requests:read') ? [requestHit(q)] : [];
  const found = [
    ...(q.startsWith('/') ? await searchPaths(read, q) : []),
    ...(await searchKinds(read, q.toLowerCase(), viewer)),
    ...(await searchConsumerKeys(read, q)),
  ];
  return found.sort((a, b) => a.rank - b.rank).map(({ hit }) => hit);
}

async function searchKinds(reader: Reader, q: string, viewer: Viewer): Promise<RankedHit[]> {
  const hits: RankedHit[] = [];
  for (const { table, hitOf } of KINDS.filter(({ permission }) => viewer.may(permission)))
    for (const { rank, row } of await searchRecords(reader, { table, q, limit: HITS_OF_KIND }))
      hits.push({ rank, hit: hitOf(row) });
  return hits;
}

interface SearchedKind {
  readonly table: 'projects' | 'products' | 'clients' | 'subscriptions' | 'server_groups' | 'users' | 'resource_owners';
  readonly permission: Permission;
  hitOf(row: FoundRow): SearchHit;
}

function kind(
  table: SearchedKind['table'],
  permission: Permission,
  { kind, path, by = 'name' }: { readonly kind: SearchHit['kind']; readonly path: string; readonly by?: 'id' | 'name' },
): SearchedKind {
  const hitOf = ({ id, name, display_name }: FoundRow) => ({
    kind,
    title: display_name,
    detail: name,
    link: `${path}/${by === 'id' ? id : name}`,
  });
  return { table, permission, hitOf };
}

const KINDS: readonly SearchedKind[] = [
  kind('projects', 'projects:read', { kind: 'project', path: '/projects' }),
  kind('products', 'products:read', { kind: 'product', path: '/products' }),
  kind('clients', 'clients:read', { kind: 'client', path: '/clients' }),
  kind('subscriptions', 'subscriptions:read', { kind: 'subscription', path: '/subscriptions' }),
  kind('server_groups', 'server-groups:read', { kind: 'server-group', path: '/server-groups' }),
  kind('users', 'users:read', { kind: 'user', path: '/settings/users' }),
  // Their names are unique in a directory only.
  kind('resource_owners', 'resource-owners:read', { kind: 'resource-owner', path: '/resource-owners', by: 'id' }),
];

function requestHit(typed: string): SearchHit {
  const id = `req_${typed.slice(4).toUpperCase()}`;
  return { kind: 'request', title: id, detail: 'Request', link: `/requests/${id}` };
}
