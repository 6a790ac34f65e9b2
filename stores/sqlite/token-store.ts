import { base62 } from '#core/id';
import type { Logger } from '#core/logger';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { openCommitQueue } from './commit-queue.ts';
import { openReader } from './reader.ts';

/** How the SQLite store is opened. */
export interface SqliteStoreOptions {
  readonly retentionMs: number;
  readonly logger: Logger;
  readonly random: Random;
}

/**
 * The embedded token store: one SQLite file, shared by all processes of the machine. Writes go through one thread a process, which commits
 * what is queued in one transaction; look-ups are synchronous on the calling thread.
 * @throws ConfigurationError when the file is of a newer version
 * @throws UnavailableError when it cannot be opened
 */
export async function openSqliteTokenStore(file: string, options: SqliteStoreOptions): Promise<TokenStore> {
  const { retentionMs, logger, random } = options;
  const queue = await openCommitQueue({ data: { file, epoch: base62(random, 16) }, logger });
  const reader = openReader(file);

  return {
    kind: 'sqlite',
    saveAccess: (token) => queue.saveToken(token),
    findAccess: (hash, now) => reader.findToken(hash, now),
    revokeAccess: (hash, note) => queue.revokeToken(hash, note),
    async writeStandings(standings) {
      if (standings.length > 0) await queue.writeStandings(standings);
    },
    readStandings: async () => reader.readStandings(),
    readFeedMark: async () => reader.readMark(),
    writeFeedMark: (mark) => queue.writeMark(mark),
    changesSince: async (cursor, limit) => reader.changesSince(cursor, limit),
    countLive: (clientId, now) => reader.countLive(clientId, now),
    purge: (now, limit) => queue.purge(now - retentionMs, limit),
    async [Symbol.asyncDispose]() {
      reader[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
    },
  };
}
