import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CliError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import type { Clock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import { systemRandom } from '#core/random';
import { gatewayFiles } from '#gateway/replica-files';
import { type EndedSince, raiseGenerations } from '#manager/backup/generations';
import { RESTORER, renew } from '#manager/backup/renew';
import { fillDatabase, type NewDatabase, type TablePage } from '#manager/backup/restoring';
import { checkMasterKey } from '#manager/key-check';
import { checkMigrations } from '#manager/migrate';
import type { Config } from '../config-schema.ts';
import { type DataDir, openDataDir } from '../data-dir.ts';
import { openMasterKeyFile } from '../master-key.ts';
import { holdLock } from '../process-lock.ts';
import type { ArchiveCounts } from './archive-format.ts';
import { checkArchive, readArchive } from './archive-reader.ts';
import { withNewDatabase } from './place.ts';
import { type RestoredTokens, restoreTokens } from './restore-tokens.ts';
import { openStores, readStores } from './stores.ts';

/** A second of age is a step: nobody raises a generation that often, and of two restores of one backup the later one is higher. */
const GENERATIONS_AT_LEAST = 1000;

/** What is restored, and how. */
export interface RestoreWish {
  readonly config: Config;
  readonly from: string;
  /** Tokens that lived when they were backed up, and are not known to be dead, go on living. */
  readonly keepTokens: boolean;
  /** No token store is opened. */
  readonly withoutTokens: boolean;
  /** Present data are put aside. */
  readonly replace: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  say(text: string): void;
}

/** What was restored. */
export interface Restored {
  readonly from: string;
  readonly backedUpAt: number;
  readonly program: string;
  /** `seq`: the number that the data were at. */
  readonly feed: { readonly epoch: string; readonly seq: number };
  readonly counts: ArchiveCounts;
  readonly tokens: RestoredTokens;
  /** Records that ended since, as the token stores know. */
  readonly endedSince: EndedSince;
  /** Where the former data are: a file, or a schema of the database. */
  readonly former: string | undefined;
}

/**
 * Restores a backup into a place where nothing runs; revives nothing. The manager's data come into place at the very end, at once; what fails
 * before leaves them as they were.
 * @throws CliError, ConfigurationError
 */
export async function restore(wish: RestoreWish): Promise<Restored> {
  const { config, from, clock, keepTokens, say } = wish;
  say('checking the backup');
  const { header, counts } = await checkArchive(from);
  checkMigrations(header.migrations, from);
  const dir = openDataDir(config.dataDir);
  await keepOthersOut(dir, clock);
  const keyFile = config.masterKeyFile === '' ? dir.masterKey : config.masterKeyFile;
  if (!existsSync(keyFile))
    throw new CliError(`The master key that the data were sealed with is not there: ${keyFile}.`, {
      code: 'master_key_missing',
      exit: EXIT.refused,
      fixes: [{ text: 'Put the file there that you keep apart from the backups, mode 0600, and restore again.' }],
    });
  const box = openMasterKeyFile(keyFile, { create: false, random: systemRandom }).box();
  const now = clock.now();
  const summary = { from, backedUpAt: header.createdAt, program: header.program, counts };

  return withNewDatabase({ ...wish, dir, now }, async (fresh) => {
    say("manager's data");
    await fillDatabase(fresh, header.migrations, tablePages(from));
    if (!(await checkMasterKey(fresh.db, box)))
      throw new ConfigurationError(
        'The backup has no check of the master key, so it is of no data that were ever used.',
      );
    const backedUp = new Date(header.createdAt).toISOString();
    const tokens = await restoreAllTokens(fresh, { ...wish, dir, now, box: () => box, backedUp });
    say('generations');
    const ageSeconds = Math.max(0, Math.ceil((now - header.createdAt) / 1000));
    const step = keepTokens ? 0 : GENERATIONS_AT_LEAST + ageSeconds;
    const endedSince = await raiseGenerations(fresh.db, { known: tokens.known, step, now, actor: RESTORER });
    const sentence = `The data were restored from the backup of ${backedUp}, number ${header.feed.seq} of the feed ${header.feed.epoch}.`;
    const epoch = await renew(fresh.db, { sentence, now, random: systemRandom });
    const former = await fresh.putInPlace();
    forgetReplicas(dir);
    return { ...summary, feed: { epoch, seq: header.feed.seq }, tokens: tokens.restored, endedSince, former };
  });
}

interface AllTokens extends RestoreWish {
  readonly dir: DataDir;
  readonly now: number;
  readonly box: Parameters<typeof readStores>[1];
  /** When the backup was taken, for the note of what is revoked. */
  readonly backedUp: string;
}

async function restoreAllTokens(fresh: NewDatabase, wish: AllTokens) {
  const { config, dir, clock, logger, box, from, now, keepTokens, withoutTokens, say, backedUp } = wish;
  if (withoutTokens) return { restored: { stores: {}, revoked: 0, leftOut: [] }, known: new Map() };
  await using here = await openStores(await readStores(fresh.db, box), { config, dir, clock, logger, box });
  const note = { by: RESTORER.name, at: now, reason: `restored from the backup of ${backedUp}` };
  const expiredBefore = now - config.tokenStore.explainRetentionMs;
  return await restoreTokens(readArchive(from), { here, reviving: { keepTokens, note, expiredBefore }, say });
}

/** The lock of the manager and those of all gateways of the data directory, until this process ends. */
async function keepOthersOut(dir: DataDir, clock: Clock): Promise<void> {
  const problem = `Gatewright runs on the data directory ${dir.path}. Stop it, then restore.`;
  const gateways = gatewayFolders(dir).map((folder) => path.join(folder, 'gateway.lock'));
  for (const file of [dir.managerLock, ...gateways]) await holdLock(file, { waitMs: 0, problem, clock });
}

/** A gateway that starts serves what it knew last until it has caught up: tokens would be issued under generations of before. */
function forgetReplicas(dir: DataDir): void {
  for (const folder of gatewayFolders(dir)) {
    const { replica, good, mark } = gatewayFiles(folder);
    for (const file of [mark, replica, good])
      for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
  }
}

/** Folders of the gateways that ran on the data directory. */
function gatewayFolders(dir: DataDir): string[] {
  return readdirSync(dir.path)
    .map((name) => path.join(dir.path, name))
    .filter((folder) => existsSync(path.join(folder, 'gateway.lock')));
}

async function* tablePages(file: string): AsyncGenerator<TablePage> {
  for await (const page of readArchive(file)) if ('table' in page) yield page;
}
