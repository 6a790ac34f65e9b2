import type { SearchHit } from '#core/model/overview/screens';
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
    ...(await searchKinds(read, q.toLowerCase())),
    ...(await searchConsumerKeys(read, q)),
  ];
  return found.sort((a, b) => a.rank - b.rank).map(({ hit }) => hit);
}

async function searchKinds(reader: Reader, q: string): Promise<RankedHit[]> {
  const hits: RankedHit[] = [];
  for (const { table, hitOf } of KINDS)
    for (const { rank, row } of await searchRecords(reader, { table, q, limit: HITS_OF_KIND }))
      hits.push({ rank, hit: hitOf(row) });
  return hits;
}

const KINDS: readonly {
  readonly table: 'projects' | 'products' | 'clients' | 'subscriptions' | 'server_groups';
  readonly hitOf: (row: FoundRow) => SearchHit;
}[] = [
  { table: 'projects', hitOf: (row) => ({ kind: 'project', ...shown(row), link: `/projects/${row.name}` }) },
  { table: 'products', hitOf: (row) => ({ kind: 'product', ...shown(row), link: `/products/${row.name}` }) },
  { table: 'clients', hitOf: (row) => ({ kind: 'client', ...shown(row), link: `/clients/${row.name}` }) },
  {
    table: 'subscriptions',
    hitOf: (row) => ({ kind: 'subscription', ...shown(row), link: `/subscriptions/${row.name}` }),
  },
  {
    table: 'server_groups',
    hitOf: (row) => ({ kind: 'server-group', ...shown(row), link: `/server-groups/${row.name}` }),
  },
];

function shown({ name, display_name }: FoundRow): Pick<SearchHit, 'title' | 'detail'> {
  return { title: display_name, detail: name };
}

function requestHit(typed: string): SearchHit {
  const id = `req_${typed.slice(4).toUpperCase()}`;
  return { kind: 'request', title: id, detail: 'Request', link: `/requests/${id}` };
}
