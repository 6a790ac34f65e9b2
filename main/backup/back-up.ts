import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { CliError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import { programVersion } from '#cli/program';
import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import { systemRandom } from '#core/random';
import { withSnapshot } from '#manager/backup/snapshot';
import type { FeedHead } from '#manager/feed/append';
import type { Config } from '../config-schema.ts';
import { dataDirAt } from '../data-dir.ts';
import { openMasterKeyFile } from '../master-key.ts';
import { ARCHIVE_FORMAT, ARCHIVE_VERSION, type ArchiveCounts } from './archive-format.ts';
import { writeArchive } from './archive-writer.ts';
import { openStores, pagesOf, readStores, type Wanted } from './stores.ts';
import { BACKED_UP_KINDS } from './token-rows.ts';

/** What a backup is taken with. */
export interface BackUpWish {
  readonly config: Config;
  /** File, or a folder in which it gets a name with the time. */
  readonly to: string;
  /** No token store is opened. */
  readonly withoutTokens: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told what is being done. */
  say(text: string): void;
}

/** A backup that was taken. */
export interface BackedUp {
  readonly file: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
  readonly feed: { readonly epoch: string; readonly seq: number };
  readonly counts: ArchiveCounts;
  /** Stores that keep nothing, so that nothing of theirs is in it. */
  readonly leftOut: readonly string[];
}

/**
 * Takes a backup while the program runs: the manager's data and the audit trail at one number of the change feed, then the tokens, which may be
 * newer by what happened meanwhile.
 * @throws CliError, ConfigurationError, UnavailableError; no file stays then
 */
export async function backUp({ config, to, withoutTokens, clock, logger, say }: BackUpWish): Promise<BackedUp> {
  const dir = dataDirAt(config.dataDir);
  const place = config.database.url === '' ? dir.managerDatabase : config.database.url;
  const createdAt = clock.now();
  const file = fileFor(to, createdAt);
  const box = () => {
    const keys = config.masterKeyFile === '' ? dir.masterKey : config.masterKeyFile;
    return openMasterKeyFile(keys, { create: false, random: systemRandom }).box();
  };
  let head: FeedHead = { epoch: '', seq: 0, horizon: 0 };
  let leftOut: readonly string[] = [];
  const counts = await writeArchive(file, async (begin) => {
    const { archive, wanted } = await withSnapshot(place, async (snapshot) => {
      head = snapshot.feed;
      const { epoch, seq } = head;
      const archive = await begin({
        ...{ format: ARCHIVE_FORMAT, version: ARCHIVE_VERSION, program: programVersion(), createdAt },
        ...{ feed: { epoch, seq }, migrations: [...snapshot.migrations] },
      });
      const hasStores = !withoutTokens && snapshot.tables.has('token_stores');
      const wanted: Wanted = hasStores ? await readStores(snapshot.reader, box) : [];
      for await (const { table, rows } of snapshot.pages()) {
        say(`manager's data: ${table}`);
        await archive.table(table, rows);
      }
      return { archive, wanted };
    });
    if (withoutTokens) return;
    await using here = await openStores(wanted, { config, dir, clock, logger, box });
    leftOut = here.left;
    for (const { name, store } of here.stores) {
      let copied = 0;
      for (const kind of BACKED_UP_KINDS)
        for await (const rows of pagesOf(store, kind)) {
          await archive.store(name, rows);
          copied += rows.length;
          say(`token store ${name}: ${copied} rows`);
        }
    }
  });
  const { epoch, seq } = head;
  return { file, sizeBytes: statSync(file).size, createdAt, feed: { epoch, seq }, counts, leftOut };
}

function fileFor(to: string, now: number): string {
  const isFolder = existsSync(to) && statSync(to).isDirectory();
  const stamp = new Date(now)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const file = path.resolve(isFolder ? path.join(to, `gatewright-${stamp}.backup.gz`) : to);
  if (existsSync(file))
    throw new CliError(`${file} is there already. A backup writes over nothing.`, { exit: EXIT.refused });
  if (!existsSync(path.dirname(file)))
    throw new CliError(`There is no folder ${path.dirname(file)}.`, { exit: EXIT.notFound });
  return file;
}
