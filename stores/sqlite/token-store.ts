import { base62 } from '#core/id';
import type { Logger } from '#core/logger';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { checkTransient } from '../record-key.ts';
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
    saveIssue(issue) {
      const { grant, code, access, refresh } = issue;
      const isTokenAlone = grant === undefined && code === undefined && refresh === undefined;
      return isTokenAlone && access !== undefined ? queue.saveToken(access) : queue.run('saveIssue', issue);
    },
    consumeCode: (hash, { id, now }) => queue.run('consumeCode', { hash, id, now }),
    findRefresh: (hash, now) => reader.findRefresh(hash, now),
    rotateRefresh: (rotation) => queue.run('rotateRefresh', rotation),
    findGrant: async (id) => reader.findGrant(id),
    revokeGrant: (id, note) => queue.run('revokeGrant', { id, note }),
    revokeGrantsOf: ({ subject, clientId }, note) => queue.run('revokeGrantsOf', { subject, clientId, note }),
    rememberOnce: (kind, id, until) => queue.run('rememberOnce', { kind, id, until: Math.ceil(until) }),
    async saveTransient(transient) {
      checkTransient(transient);
      await queue.run('saveTransient', transient);
    },
    findTransient: async (kind, id, now) => reader.findTransient(kind, id, now),
    async replaceTransient(transient) {
      checkTransient(transient);
      return queue.run('replaceTransient', transient);
    },
    takeTransient: (kind, id, now) => queue.run('takeTransient', { kind, id, now }),
    saveConsent: (consent) => queue.run('saveConsent', consent),
    findConsent: async (whose) => reader.findConsent(whose),
    listConsents: async (subject, limit) => reader.listConsents(subject, limit),
    revokeConsent: (whose, note) => queue.run('revokeConsent', { whose, note }),
    findAccess: (hash, now) => reader.findToken(hash, now),
    revokeAccess: (hash, note) => queue.run('revokeAccess', { hash, note }),
    async writeStandings(standings) {
      if (standings.length > 0) await queue.run('writeStandings', standings);
    },
    readStandings: async () => reader.readStandings(),
    readFeedMark: async () => reader.readMark(),
    writeFeedMark: (mark) => queue.run('writeMark', mark),
    changesSince: async (cursor, limit) => reader.changesSince(cursor, limit),
    countLive: (clientId, now) => reader.countLive(clientId, now),
    sizes: async () => reader.sizes(),
    copyOut: async (kind, after, limit) => reader.copyOut(kind, after, limit),
    copyIn: (rows) => queue.run('copyIn', rows),
    warnings: async () => [],
    purge: (now, limit) => queue.run('purge', { now, before: now - retentionMs, limit }),
    async [Symbol.asyncDispose]() {
      reader[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
    },
  };
}
