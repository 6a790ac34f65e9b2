import pg from 'pg';
import { ConfigurationError, UnavailableError } from '#core/errors';
import { away, clientConfig } from './connection.ts';
import { isRefusedLogin } from './errors.ts';
import { SCHEMA_VERSIONS } from './schema-versions.ts';
import type { PostgresPlace } from './url.ts';

const SCHEMA_VERSION = SCHEMA_VERSIONS.length;
/** Key of the advisory lock under which a schema is made or migrated; a number that no other program is likely to use. */
const LOCK = 6_712_003;
/** How long one step of a migration, or waiting for another process that migrates, may take. */
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Makes the schema, or brings it up to date: of several processes that start at once one does, the others find it done.
 * @param epoch the id of the feed, for a schema that has none yet
 * @throws ConfigurationError when the schema is of a newer version, or user or password are refused; UnavailableError
 */
export async function openSchema(place: PostgresPlace, epoch: string): Promise<void> {
  const client = new pg.Client(clientConfig(place));
  client.on('error', () => {}); // whoever waits for an answer hears of it
  try {
    await client.connect();
    await prepare(client, place.postgres.schema, epoch);
  } catch (error) {
    if (isRefusedLogin(error))
      throw new ConfigurationError('PostgreSQL refuses the user or password of the token store.');
    throw away(error);
  } finally {
    void client.end().catch(() => {});
  }
}

async function prepare(client: pg.Client, schema: string, epoch: string): Promise<void> {
  const { rows } = await client.query<{ encoding: string; replica: boolean }>(
    `select current_setting('server_encoding') as encoding, pg_is_in_recovery() as replica`,
  );
  if (rows[0]?.encoding !== 'UTF8')
    throw new ConfigurationError(`The database of the token store has the encoding ${rows[0]?.encoding}, not UTF8.`);
  if (rows[0].replica)
    throw new UnavailableError('the PostgreSQL of the token store is a replica, which cannot be written');
  if ((await versionOf(client, schema)) === SCHEMA_VERSION) return; // no lock for the many that start later
  await client.query(`set statement_timeout = ${MIGRATION_TIMEOUT_MS}`);
  await client.query('begin');
  await client.query(`select pg_advisory_xact_lock(${LOCK}, hashtext($1))`, [schema]);
  const version = await versionOf(client, schema);
  if (version > SCHEMA_VERSION)
    throw new ConfigurationError(
      `The token store has the format ${version} of a newer Gatewright; this one reads up to ${SCHEMA_VERSION}.`,
    );
  if (version === 0) await create(client, schema);
  for (const step of SCHEMA_VERSIONS.slice(version)) await client.query(step);
  if (version === 0) await client.query('insert into feed_head (epoch, seq, first) values ($1, 0, 1)', [epoch]);
  await client.query('update format set version = $1', [SCHEMA_VERSION]);
  await client.query('commit');
}

async function create(client: pg.Client, schema: string): Promise<void> {
  // Asked first: whoever may not make schemas can be given one.
  const { rows } = await client.query('select 1 from pg_namespace where nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`create schema "${schema}"`);
  await client.query('create table format (version integer not null)');
  await client.query('insert into format (version) values (0)');
}

/** The format of the tables; 0: there are none yet. */
async function versionOf(client: pg.Client, schema: string): Promise<number> {
  // From the catalogue itself: what to_regclass says may be older than the lock that was waited for.
  const found = await client.query(
    `select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = 'format'`,
    [schema],
  );
  if (found.rows.length === 0) return 0;
  const { rows } = await client.query<{ version: number }>(`select version from "${schema}".format`);
  return rows[0]?.version ?? 0;
}
