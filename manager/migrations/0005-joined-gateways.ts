import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Gateways that joined from elsewhere, the tokens with which they do, what gateways are told, and variables (gateways/tables.ts). */
export const joinedGateways: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('join_tokens')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('server_group_id', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .addColumn('used_at', 'bigint')
      .addColumn('gateway_id', 'text')
      .execute();
    await db.schema.createIndex('join_tokens_group').on('join_tokens').column('server_group_id').execute();
    await db.schema
      .createTable('joined_gateways')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('server_group_id', 'text', (column) => column.notNull())
      .addColumn('serial', 'text', (column) => column.notNull())
      .addColumn('previous_serial', 'text')
      .addColumn('certificate_ends_at', 'bigint', (column) => column.notNull())
      .addColumn('joined_at', 'bigint', (column) => column.notNull())
      .addColumn('joined_by', 'text', (column) => column.notNull())
      .addUniqueConstraint('joined_gateways_name', ['server_group_id', 'name'])
      .execute();
    await db.schema
      .createTable('gateway_orders')
      .addColumn('gateway_id', 'text', (column) => column.primaryKey())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addColumn('changed_by', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('group_variables')
      .addColumn('server_group_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('secret', 'integer', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .addColumn('updated_by', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('group_variables_key', ['server_group_id', 'name'])
      .execute();
  },
};
