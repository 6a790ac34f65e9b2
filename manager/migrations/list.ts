import type { Migration } from 'kysely/migration';
import { configuration } from './0001-configuration.ts';
import { changeFeed } from './0002-change-feed.ts';

/**
 * Every migration, by name, in order. A name that was released is never changed or removed. Portable: the schema builder and types that SQLite
 * and PostgreSQL share; expand before contract, so that the version before still works on the data (decision 37).
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-configuration': configuration,
  '0002-change-feed': changeFeed,
};
