import type { types } from 'cassandra-driver';
import type { RecordKind } from '../record-kind.ts';
import type { CassandraConnection } from './connection.ts';
import { textOf } from './rows.ts';

/** So many rows are counted; of more it is told from how much of the ring they fill. */
const COUNTED = 10_000;
const PAGE = 2000;
const RING = 2 ** 64;
const HALF_RING = 2 ** 63;

/**
 * Rows by kind. Rows lie in the order of a hash of their keys, evenly: the first ten thousand of a table say how many there are in all, give or
 * take a percent or two. So asking costs the same whatever the size, and small stores are counted exactly.
 */
export async function estimateSizes(connection: CassandraConnection): Promise<Record<RecordKind, number>> {
  const count = async (
    query: string,
    kinds: Readonly<Record<string, (row: types.Row, isNewKey: boolean) => boolean>>,
  ) => {
    const found = new Map(Object.keys(kinds).map((kind) => [kind, 0]));
    let [rows, place, after]: [number, string | undefined, string | undefined] = [0, undefined, undefined];
    do {
      const page = await connection.readPage(query, after, PAGE);
      for (const row of page.rows) {
        const at = String(row.place);
        for (const [kind, is] of Object.entries(kinds))
          if (is(row, at !== place)) found.set(kind, (found.get(kind) ?? 0) + 1);
        place = at;
      }
      rows += page.rows.length;
      after = page.next;
    } while (after !== undefined && rows < COUNTED);
    const share = after === undefined ? 1 : (Number(place) + HALF_RING) / RING;
    return (kind: string) => Math.round((found.get(kind) ?? 0) / share);
  };
  const every = { all: () => true };
  const [access, families, transients, once, consents] = await Promise.all([
    count('SELECT token(hash) AS place FROM access', every),
    count('SELECT token(grant_id) AS place, kind FROM grants', {
      grants: (_row, isNewKey) => isNewKey,
      codes: (row) => textOf(row, 'kind') === 'c',
      refresh: (row) => textOf(row, 'kind') === 'r',
    }),
    count('SELECT token(key) AS place, is_taken FROM transients', { all: (row) => row.is_taken === false }),
    count('SELECT token(key) AS place FROM once', every),
    count('SELECT token(subject) AS place FROM consents', every),
  ]);
  return {
    ...{ access: access('all'), refresh: families('refresh'), codes: families('codes'), grants: families('grants') },
    ...{ transients: transients('all'), once: once('all'), consents: consents('all') },
  };
}
