import { copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { openSqlite, sqliteDialect } from '../sqlite.ts';
import type { NewDatabase } from './restoring.ts';

const LOG_ENDINGS = ['-wal', '-shm'];

/** True when there is an SQLite file with something in it. */
export const isFileInUse = (file: string) => existsSync(file) && statSync(file).size > 0;

/**
 * A new SQLite file beside the present one. What a try before left behind is removed.
 * @param aside under which name the present one is kept
 */
export function openNewFile(file: string, aside: string): NewDatabase {
  const draft = `${file}.restoring`;
  removeFile(draft);
  const db = new Kysely<Database>({ dialect: sqliteDialect(draft, 'write') });
  return {
    db,
    schema: undefined,
    async putInPlace() {
      await sql.raw('pragma wal_checkpoint(truncate)').execute(db);
      await db.destroy();
      const hasFormer = isFileInUse(file);
      if (hasFormer) keepFormer(file, aside);
      for (const ending of LOG_ENDINGS) rmSync(`${file}${ending}`, { force: true });
      // There is a whole file at any moment: the former one, then the new one.
      renameSync(draft, file);
      return hasFormer ? aside : undefined;
    },
    async discard() {
      await db.destroy();
      removeFile(draft);
    },
  };
}

/** A second name for the file, with its log in it, so that the file alone is whole. */
function keepFormer(file: string, aside: string): void {
  {
    using former = openSqlite(file, 'write');
    former.exec('pragma wal_checkpoint(truncate)');
  }
  try {
    linkSync(file, aside);
  } catch {
    // A file system without such names.
    copyFileSync(file, aside);
  }
}

function removeFile(file: string): void {
  for (const ending of ['', ...LOG_ENDINGS]) rmSync(`${file}${ending}`, { force: true });
}
