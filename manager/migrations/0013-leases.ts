import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who leads among the managers of one database, and which there are (lease.ts). */
export const leases: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('leases')
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('holder', 'text', (column) => column.notNull())
      .addColumn('term', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .execute();
    await sql`insert into leases (name, holder, term, ends_at) values ('leader', '', 0, 0)`.execute(db);
  },
};
