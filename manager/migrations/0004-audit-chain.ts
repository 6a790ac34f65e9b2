import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { CHAIN_START, entryHash } from '#core/audit-chain';
import { entryOf } from '../audit/entry.ts';
import type { AuditTable } from '../tables.ts';

const PAGE = 1000;
/** What the trail is filtered by, each with the order in which it is listed behind it. */
const FILTERS = ['actor', 'object_id', 'object_name', 'object_kind', 'operation', 'via'] as const;

/** The audit trail as a chain: hashes, the trail's end, checkpoints and the keys that sign them; entries that exist are chained. */
export const auditChain: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable('audit').addColumn('prev_hash', 'text').execute();
    await db.schema.alterTable('audit').addColumn('hash', 'text').execute();
    await createTables(db);
    await indexTrail(db);
    const end = await chainExisting(db);
    await sql`insert into audit_chain (id, seq, hash) values (1, ${end.seq}, ${end.hash})`.execute(db);
    await sql`delete from counters where name = 'audit'`.execute(db);
  },
};

async function createTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_chain')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('anchor', 'text')
    .execute();
  await db.schema
    .createTable('audit_checkpoints')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('private_key', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function indexTrail(db: Kysely<unknown>): Promise<void> {
  for (const name of ['audit_object', 'audit_kind', 'audit_actor']) await db.schema.dropIndex(name).execute();
  await db.schema.createIndex('audit_at').on('audit').columns(['at', 'seq']).execute();
  for (const column of FILTERS)
    await db.schema.createIndex(`audit_${column}_at`).on('audit').columns([column, 'at', 'seq']).execute();
}

async function chainExisting(db: Kysely<unknown>): Promise<{ seq: number; hash: string }> {
  let end = { seq: 0, hash: CHAIN_START };
  for (;;) {
    const { rows } =
      await sql<AuditTable>`select * from audit where seq > ${end.seq} order by seq limit ${PAGE}`.execute(db);
    for (const row of rows) {
      const hash = entryHash(entryOf({ ...row, prev_hash: end.hash, hash: null }));
      await sql`update audit set prev_hash = ${end.hash}, hash = ${hash} where seq = ${row.seq}`.execute(db);
      end = { seq: Number(row.seq), hash };
    }
    if (rows.length < PAGE) return end;
  }
}
