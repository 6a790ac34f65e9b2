import { Kysely } from 'kysely';
import pg from 'pg';
import { ConfigurationError } from '#core/errors';
import type { Database } from '../database.ts';
import { clientConfig, postgresDialect } from '../postgres.ts';
import { columnsOfSqlite } from '../postgres-columns.ts';
import type { NewDatabase } from './restoring.ts';
import { BACKED_UP_TABLES, LEFT_OUT_TABLES } from './tables.ts';

/** Schema that tables are made in before they are in place. */
const DRAFT = 'gatewright_restoring';
const OWN_TABLES: readonly string[] = [
  ...BACKED_UP_TABLES.map(({ name }) => name),
  ...LEFT_OUT_TABLES,
  'kysely_migration',
  'kysely_migration_lock',
];

/** What is in a PostgreSQL database now. */
export interface PresentTables {
  /** Schema that the tables of the manager are in, or would be. */
  readonly schema: string;
  readonly tables: readonly string[];
  /** Managers that were at work within the last seconds. */
  readonly managers: number;
}

/** Looks at a database. @throws ConfigurationError when it has no schema for tables */
export async function readPresentTables(url: string): Promise<PresentTables> {
  return withClient(url, async (client) => {
    const { rows: place } = await client.query<{ name: string | null }>('select current_schema() as name');
    const schema = place[0]?.name;
    if (schema === null || schema === undefined)
      throw new ConfigurationError('The database has no schema in the search_path of its user.', '/database/url');
    const tables = await tablesIn(client, schema);
    if (!tables.includes('leases')) return { schema, tables, managers: 0 };
    const { rows } = await client.query<{ managers: number }>(
      "select count(*) as managers from leases where name <> 'leader' and ends_at > extract(epoch from clock_timestamp()) * 1000",
    );
    return { schema, tables, managers: Number(rows[0]?.managers ?? 0) };
  });
}

/**
 * A new schema beside the present tables.
 * @param aside name of the schema in which those are kept
 */
export async function openNewSchema(url: string, { schema }: PresentTables, aside: string): Promise<NewDatabase> {
  const drop = () =>
    withClient(url, (client) => client.query(`drop schema if exists ${pg.escapeIdentifier(DRAFT)} cascade`));
  await drop();
  await withClient(url, (client) => client.query(`create schema ${pg.escapeIdentifier(DRAFT)}`));
  const db = new Kysely<Database>({
    // The other schema behind it: extensions are there.
    dialect: postgresDialect(withSearchPath(url, [DRAFT, schema]), 'migrate'),
    plugins: [columnsOfSqlite],
  });
  return {
    db,
    schema: DRAFT,
    async putInPlace() {
      await db.destroy();
      return withClient(url, (client) => exchange(client, schema, aside));
    },
    async discard() {
      await db.destroy();
      await drop();
    },
  };
}

/** All in one transaction: the present tables aside, the new ones in their place. */
async function exchange(client: pg.Client, schema: string, aside: string): Promise<string | undefined> {
  const [target, draft] = [schema, DRAFT].map((name) => pg.escapeIdentifier(name));
  const former = (await tablesIn(client, schema)).filter((name) => OWN_TABLES.includes(name));
  const kept = pg.escapeIdentifier(aside);
  const extensions = await client.query<{ name: string }>(
    'select extname as name from pg_extension join pg_namespace n on n.oid = extnamespace where nspname = $1',
    [DRAFT],
  );
  const statements = [
    'begin',
    ...(former.length === 0 ? [] : [`create schema ${kept}`]),
    ...former.map((name) => `alter table ${target}.${pg.escapeIdentifier(name)} set schema ${kept}`),
    ...(await tablesIn(client, DRAFT)).map(
      (name) => `alter table ${draft}.${pg.escapeIdentifier(name)} set schema ${target}`,
    ),
    ...extensions.rows.map(({ name }) => `alter extension ${pg.escapeIdentifier(name)} set schema ${target}`),
    `drop schema ${draft}`,
    'commit',
  ];
  await client.query(statements.join(';\n'));
  return former.length === 0 ? undefined : aside;
}

async function tablesIn(client: pg.Client, schema: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by 1',
    [schema],
  );
  return rows.map(({ name }) => name);
}

function withSearchPath(url: string, schemas: readonly string[]): string {
  const changed = new URL(url);
  const path = `-c search_path=${schemas.map((name) => pg.escapeIdentifier(name)).join(',')}`;
  changed.searchParams.set('options', [changed.searchParams.get('options'), path].filter(Boolean).join(' '));
  return changed.href;
}

async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client(clientConfig(url));
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
