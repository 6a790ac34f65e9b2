import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Where token stores are moved to, and how far that is. */
export const storeMoves: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const [column, type] of [
      ['moves_to', 'text'],
      ['moved_at', 'bigint'],
      ['move', 'text'],
    ] as const)
      await db.schema.alterTable('token_stores').addColumn(column, type).execute();
  },
};
