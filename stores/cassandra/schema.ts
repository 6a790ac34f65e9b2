import type { Client, Host } from 'cassandra-driver';
import { ConfigurationError, UnavailableError } from '#core/errors';
import type { CassandraStoreSettings } from '#core/model/token-store';
import { textOf } from './rows.ts';

const FORMAT = '1';
/** Nothing is deleted in these tables, or only together with a TTL that is as short: their tombstones go after a day. */
const BRIEF = 'gc_grace_seconds = 86400';
/** What is written once and ends soon: whole files of an hour are thrown away. */
const BY_HOUR = `${BRIEF} AND compaction = { 'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'HOURS', 'compaction_window_size': 1 }`;

/**
 * The tables, in this order; `meta` first. Times are epoch milliseconds.
 * - Only LWT writes to `grants`, `once`, `transients`, `consents`, `standings`, `feed` and `meta`: mixed with plain writes, whose order is that of the
 *   gateways' clocks, they would be lost.
 * - `access`, `live`, `issued` and `owned` have plain writes of what never changes (and the note of a revocation, see access.ts).
 * - A grant with its codes and refresh tokens is one partition: what happens to them happens in one step.
 */
const TABLES = [
  'meta (name text PRIMARY KEY, value text)',
  `access (hash blob PRIMARY KEY, data text, grant_id text, revoked text) WITH ${BY_HOUR}`,
  // Counts the live tokens of a client by the minute in which they expire.
  `live (client text, minute bigint, hash blob, PRIMARY KEY (client, minute, hash)) WITH ${BY_HOUR}`,
  `grants (grant_id text, kind text, hash blob, issued text, used text, data text static, details text static, ends_at bigint static, revoked text static, PRIMARY KEY (grant_id, kind, hash)) WITH ${BRIEF}`,
  // To which grant a code or refresh token belongs.
  `issued (hash blob PRIMARY KEY, grant_id text) WITH ${BY_HOUR}`,
  `owned (subject text, grant_id text, client text, project text, PRIMARY KEY (subject, grant_id)) WITH ${BRIEF}`,
  `once (key blob PRIMARY KEY, until bigint, attempt text) WITH ${BY_HOUR}`,
  `transients (key blob PRIMARY KEY, value text, version bigint, expires_at bigint, is_taken boolean, attempt text) WITH ${BRIEF}`,
  'consents (subject text, client text, project text, data text, PRIMARY KEY (subject, client, project))',
  'standings (holder text PRIMARY KEY, data text)',
  `feed (bucket bigint, seq bigint, change text, attempt text, last bigint static, PRIMARY KEY (bucket, seq)) WITH ${BRIEF}`,
  'feed_head (name text PRIMARY KEY, bucket bigint)',
] as const;
const NAMES = TABLES.map((table) => table.slice(0, table.indexOf(' ')));

/**
 * Makes keyspace and tables when they are missing, and uses the keyspace. All processes ask the same node, which makes one after the other: two
 * that make the same table on two nodes at once would leave the cluster in disagreement.
 * @param epoch the id of the feed, should it be new
 * @throws ConfigurationError for data of a newer version; UnavailableError
 */
export async function openKeyspace(client: Client, settings: CassandraStoreSettings, epoch: string): Promise<void> {
  const { keyspace, dataCentre, replicationFactor } = settings;
  try {
    if (!(await isComplete(client, keyspace))) {
      const host = chooseHost(client, dataCentre);
      const make = (cql: string) =>
        client.execute(cql, [], { ...(host !== undefined && { host }), readTimeout: 30_000 });
      // A user with the rights on it alone may not even ask for it to be made.
      if (!(await isThere(client, keyspace)))
        await make(
          `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = { 'class': 'NetworkTopologyStrategy', '${dataCentre.replaceAll("'", "''")}': ${replicationFactor} }`,
        );
      for (const table of TABLES) await make(`CREATE TABLE IF NOT EXISTS ${keyspace}.${table}`);
    }
    await client.execute(`USE ${keyspace}`);
    const put = (name: string, value: string) =>
      client.execute('INSERT INTO meta (name, value) VALUES (?, ?) IF NOT EXISTS', [name, value], { prepare: true });
    const found = await client.execute("SELECT value FROM meta WHERE name = 'format'");
    const [row] = found.rows.length > 0 ? found.rows : (await put('format', FORMAT)).rows;
    const format = row === undefined ? FORMAT : (textOf(row, 'value') ?? FORMAT);
    if (Number(format) > Number(FORMAT))
      throw new ConfigurationError(
        `The keyspace ${keyspace} has the format ${format} of a newer version; this one reads ${FORMAT}. Start that version, or name another keyspace.`,
      );
    await put('epoch', epoch);
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof UnavailableError) throw error;
    throw new UnavailableError('the keyspace of the token store cannot be opened', { cause: error });
  }
}

async function isThere(client: Client, keyspace: string): Promise<boolean> {
  const query = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?';
  return (await client.execute(query, [keyspace], { prepare: true })).rows.length > 0;
}

async function isComplete(client: Client, keyspace: string): Promise<boolean> {
  const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?';
  const { rows } = await client.execute(query, [keyspace], { prepare: true });
  const names = new Set(rows.map((row) => textOf(row, 'table_name')));
  return NAMES.every((name) => names.has(name));
}

function chooseHost(client: Client, dataCentre: string): Host | undefined {
  const hosts = client.hosts.values().filter((host) => host.datacenter === dataCentre && host.isUp());
  return hosts.sort((a, b) => (a.address < b.address ? -1 : 1))[0];
}
