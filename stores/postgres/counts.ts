import type { RecordKind } from '../record-kind.ts';
import type { PostgresConnection } from './connection.ts';

/** Counts are kept in so many rows each, so that the lanes of several processes seldom wait for each other. */
const SHARDS = 8;

/** The shard of a writer. */
export const shardOf = (writer: number) => writer % SHARDS;

/** Adds to the counts of records: the end of a statement with CTEs. @param shard its parameter @param added how many, as queries */
export function COUNT(shard: string, added: Partial<Record<RecordKind, string>>): string {
  const rows = Object.entries(added).map(([name, query]) => `('${name}', (${query}))`);
  return `insert into record_count (name, shard, n)
    select name, ${shard}::int, n from (values ${rows.join(', ')}) as added (name, n) where n <> 0 order by name
    on conflict (name, shard) do update set n = record_count.n + excluded.n`;
}

/** Records held, by kind: counted when they are written, so that asking costs nothing. */
export async function readSizes(connection: PostgresConnection): Promise<Readonly<Record<RecordKind, number>>> {
  const sizes = { access: 0, refresh: 0, codes: 0, grants: 0, transients: 0, once: 0, consents: 0 };
  const rows = await connection.run(
    { name: 'sizes', text: 'select name, sum(n) from record_count group by name' },
    [],
    true,
  );
  for (const [name, n] of rows) sizes[String(name) as RecordKind] = Number(n);
  return sizes;
}
