import { renameSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { FeedEntry, FeedKind } from '#core/change-feed';
import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import { forgetBefore, keepAllBefore, keepBefore, pendingIds } from './replica-before.ts';
import {
  createIndexes,
  createObjects,
  openDatabase,
  type ReplicaMeta,
  readMeta,
  transact,
  writeMeta,
} from './replica-database.ts';
import { type GatewayFiles, removeDatabase, sync } from './replica-files.ts';
import { createReplicaMark, type FeedPosition } from './replica-mark.ts';
import { DIGEST_BYTES, isConfigurationKind } from './replica-row.ts';
import { openReplicaTable } from './replica-table.ts';

/** Names an object whose state changed. */
export interface ChangedObject {
  readonly kind: FeedKind;
  readonly id: string;
}

/** What changed: these objects, or everything. */
export type Changed = readonly ChangedObject[] | 'everything';

/** The place of a whole new state that is being fetched while the old one serves. */
export interface IncomingSnapshot {
  add(entries: readonly FeedEntry[]): void;
  /** Puts it in place of the old state, in one transaction. */
  commit(seq: number): void;
}

/** A gateway's copy of what the manager told it, as its one writer (the primary) has it. Every change is one transaction. */
export interface Replica {
  /** Up to where it is; undefined: nothing yet. */
  readonly position: FeedPosition | undefined;
  readonly serverGroupId: string;
  /** Number of the newest change to the configuration that came since this was opened; 0: none. */
  readonly configurationSeq: number;
  /** Applies change sets together and moves to `seq`. Entries older than what is here are passed over. Gives what changed. */
  apply(entries: readonly FeedEntry[], seq: number): readonly ChangedObject[];
  beginSnapshot(source: { readonly epoch: string; readonly serverGroupId: string }): IncomingSnapshot;
  /** The workers took the configuration as of `seq`, but for these deployments: what was before the others is not needed any more. */
  accept(seq: number, refusedIds: ReadonlySet<string>): void;
  /** Saves a good generation beside it, when it changed and the last one is older than `minAgeMs`. */
  saveGood(minAgeMs: number): void;
  /** Saves a good generation and closes. Resolves when the mark is on disk too. */
  close(): Promise<void>;
  /** Closes at once and writes nothing more: the file is damaged. */
  abandon(): void;
}

/** Opens a replica that was checked (`replica-open.ts` does that). */
export function openCheckedReplica(files: GatewayFiles, { clock, logger }: { clock: Clock; logger: Logger }): Replica {
  const database = openDatabase(files.replica);
  database.exec(createIndexes); // a file of an earlier release may lack one
  let meta = readMeta(database);
  let objects = openReplicaTable(database, 'objects', Buffer.from(meta.digest));
  let configurationSeq = 0;
  let pending = pendingIds(objects);
  let savedAt: number | undefined;
  let isSaved = false;
  const mark = createReplicaMark(files.mark, (error) =>
    logger.warn({ err: error }, "The replica's mark cannot be written"),
  );

  /** One transaction; afterwards memory and mark say what the file says. After an error all of it is as before. */
  const change = (work: () => Partial<ReplicaMeta>): void => {
    let next = meta;
    try {
      transact(database, () => {
        next = { ...meta, ...work(), digest: Buffer.from(objects.digest) };
        writeMeta(database, next);
      });
    } catch (error) {
      objects = openReplicaTable(database, 'objects', Buffer.from(meta.digest));
      throw error;
    }
    meta = next;
    isSaved = false;
    if (meta.position !== undefined) mark.note(meta.position);
  };

  return {
    get position() {
      return meta.position;
    },
    get serverGroupId() {
      return meta.serverGroupId;
    },
    get configurationSeq() {
      return configurationSeq;
    },
    apply(entries, seq) {
      const position = meta.position;
      if (position === undefined) throw new Error('The first state of a replica is a snapshot.');
      const changed: ChangedObject[] = [];
      change(() => {
        for (const { kind, id, seq: own, serverGroupId, payload } of entries) {
          const old = objects.find(kind, id);
          if (old !== undefined && old.seq > own) continue;
          if (old === undefined && payload === undefined) continue;
          if (kind === 'deployment' && meta.acceptedSeq !== undefined) keepBefore(objects, id, own);
          if (payload === undefined) objects.remove(kind, id);
          else objects.put({ kind, id, seq: own, serverGroupId, payload: JSON.stringify(payload) });
          changed.push({ kind, id });
        }
        return { position: { epoch: position.epoch, seq: Math.max(seq, position.seq) } };
      });
      if (changed.some(({ kind }) => isConfigurationKind(kind))) {
        configurationSeq = seq;
        pending = pendingIds(objects);
      }
      return changed;
    },
    beginSnapshot(source) {
      database.exec('DELETE FROM incoming');
      const incoming = openReplicaTable(database, 'incoming', Buffer.alloc(DIGEST_BYTES));
      return {
        add: (entries) =>
          transact(database, () => {
            for (const { kind, id, seq, serverGroupId, payload } of entries) {
              if (payload === undefined) incoming.remove(kind, id);
              else incoming.put({ kind, id, seq, serverGroupId, payload: JSON.stringify(payload) });
            }
          }),
        commit(seq) {
          change(() => {
            if (meta.acceptedSeq !== undefined) keepAllBefore(objects, incoming, seq);
            database.exec(
              `DROP TABLE objects; ALTER TABLE incoming RENAME TO objects; ${createObjects('incoming')}; ${createIndexes}`,
            );
            objects = openReplicaTable(database, 'objects', incoming.digest);
            return { position: { epoch: source.epoch, seq }, serverGroupId: source.serverGroupId };
          });
          configurationSeq = seq;
          pending = pendingIds(objects);
        },
      };
    },
    accept(seq, refusedIds) {
      if (configurationSeq > seq || meta.position === undefined) return;
      const taken = pending.difference(refusedIds);
      if (taken.size === 0 && meta.acceptedSeq !== undefined) return;
      change(() => {
        forgetBefore(objects, taken);
        return { acceptedSeq: seq };
      });
      pending = pending.difference(taken);
    },
    saveGood(minAgeMs) {
      const isDue = savedAt === undefined || clock.monotonic() - savedAt >= minAgeMs;
      if (isSaved || !isDue || meta.position === undefined) return;
      savedAt = clock.monotonic();
      try {
        saveGood(database, files);
        isSaved = true;
      } catch (error) {
        logger.warn({ err: error }, 'A good generation of the replica cannot be saved');
      }
    },
    async close() {
      this.saveGood(0);
      database.close();
      await mark.flush();
    },
    abandon: () => database.close(),
  };
}

function saveGood(database: DatabaseSync, files: GatewayFiles): void {
  const half = `${files.good}.tmp`;
  removeDatabase(half);
  database.prepare('VACUUM INTO ?').run(half);
  sync(half);
  renameSync(half, files.good);
  sync(files.folder);
}
