import type { CassandraStoreSettings } from '#core/model/token-store';
import type { CassandraConnection } from './connection.ts';
import { textOf } from './rows.ts';

/** What its settings put at risk, one sentence each. */
export async function findRisks(
  connection: CassandraConnection,
  { consistency, keyspace, dataCentre }: CassandraStoreSettings,
): Promise<readonly string[]> {
  const risks: string[] = [];
  if (consistency === 'ONE' || consistency === 'LOCAL_ONE')
    risks.push(
      `The consistency is ${consistency}: a token just issued may be unknown, and one just revoked may pass. Use LOCAL_QUORUM.`,
    );
  const copies = await readCopies(connection, keyspace, dataCentre);
  if (copies === 1)
    risks.push(
      `The keyspace ${keyspace} keeps one copy of everything: when its node is away, so are the tokens. Keep 3 in production.`,
    );
  if (copies === 0)
    risks.push(
      `The keyspace ${keyspace} keeps no copy in the data centre ${dataCentre}: nothing can be read near the gateways.`,
    );
  const sync = await readCommitLogSync(connection);
  if (sync === 'periodic')
    risks.push(
      'Cassandra acknowledges before it writes to disk (commitlog_sync: periodic): when the power of all copies fails at once, up to 10 s of tokens, revocations and used codes are lost. Set commitlog_sync to group or batch.',
    );
  return risks;
}

/** Copies in the data centre; undefined when it cannot be told. */
async function readCopies(connection: CassandraConnection, keyspace: string, dataCentre: string) {
  const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
  const [row] = await connection.read(query, [keyspace]);
  const replication: unknown = row?.replication;
  if (typeof replication !== 'object' || replication === null) return undefined;
  const byName = new Map(Object.entries(replication));
  const copies: unknown = byName.get(dataCentre) ?? byName.get('replication_factor') ?? 0;
  return Number(copies);
}

/** What the node says that is asked; undefined where it cannot be seen (no permission, before 4.0). */
async function readCommitLogSync(connection: CassandraConnection): Promise<string | undefined> {
  try {
    const [row] = await connection.read("SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'", []);
    return row && textOf(row, 'value');
  } catch {
    return undefined;
  }
}
