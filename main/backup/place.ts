import { CliError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import { isFileInUse, openNewFile } from '#manager/backup/new-file';
import { openNewSchema, readPresentTables } from '#manager/backup/new-schema';
import type { NewDatabase } from '#manager/backup/restoring';
import { alone } from '#manager/postgres';
import type { Config } from '../config-schema.ts';
import type { DataDir } from '../data-dir.ts';

/** Where data are restored to. */
export interface PlaceWish {
  readonly config: Config;
  readonly dir: DataDir;
  readonly replace: boolean;
  readonly now: number;
}

/**
 * Makes a new database where the manager's data belong, and removes it again when the work fails. On PostgreSQL no manager can start meanwhile.
 * @throws CliError when there are data and they are not to be replaced, or a manager is at work on them
 */
export async function withNewDatabase<Result>(
  { config, dir, replace, now }: PlaceWish,
  work: (fresh: NewDatabase) => Promise<Result>,
): Promise<Result> {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const { url } = config.database;
  if (url === '') {
    const file = dir.managerDatabase;
    if (isFileInUse(file) && !replace) throw inUse(file);
    return discarding(openNewFile(file, `${file}.before-restore-${stamp}`), work);
  }
  return alone(url, async () => {
    const present = await readPresentTables(url);
    if (present.managers > 0)
      throw new CliError('A manager is at work on the database. Stop all of them, then restore.', {
        code: 'running',
        exit: EXIT.refused,
        fixes: [{ text: 'One that was killed counts for 6 s more.' }],
      });
    if (present.tables.includes('kysely_migration') && !replace)
      throw inUse(`the schema ${present.schema} of the database`);
    return discarding(await openNewSchema(url, present, `gatewright_before_${stamp.toLowerCase()}`), work);
  });
}

async function discarding<Result>(fresh: NewDatabase, work: (fresh: NewDatabase) => Promise<Result>): Promise<Result> {
  try {
    return await work(fresh);
  } catch (error) {
    await fresh.discard();
    throw error;
  }
}

function inUse(place: string): CliError {
  return new CliError(`There are data already: ${place}.`, {
    code: 'data_present',
    exit: EXIT.refused,
    fixes: [
      { text: 'Restore into another data directory or database, or add --replace: the present data are kept aside.' },
    ],
  });
}
