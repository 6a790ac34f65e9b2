import { copyFileSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '#core/clock';
import { newId } from '#core/id';
import type { Logger } from '#core/logger';
import type { Random } from '#core/random';
import { openCheckedReplica, type Replica } from './replica.ts';
import { checkReplica, type ReplicaVerdict } from './replica-check.ts';
import { createTables, openDatabase, ReplicaDamaged, type ReplicaMeta } from './replica-database.ts';
import { type GatewayFiles, removeDatabase, setAside, sync, writeWhole } from './replica-files.ts';
import { type FeedPosition, readMark, removeMark } from './replica-mark.ts';

/** What opening a replica needs. */
export interface ReplicaDeps {
  readonly files: GatewayFiles;
  readonly gatewayId: string;
  /** Name of the gateway's server group: a replica of another one is of no use. */
  readonly serverGroup: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** An open replica, and what was noticed on the way. */
export interface OpenedReplica {
  readonly replica: Replica;
  /** What was wrong and what was done about it, in words; undefined: nothing. */
  readonly notice: string | undefined;
}

/** The gateway's id: made the first time, kept in a file. */
export function openGatewayId(files: GatewayFiles, random: Random): string {
  try {
    const id = readFileSync(files.id, 'utf8').trim();
    if (/^gtw_[0-9A-Z]{16}$/.test(id)) return id;
  } catch {
    // not there yet
  }
  const id = newId('gtw', random);
  writeWhole(files.id, id);
  return id;
}

/**
 * Opens the replica after checking it. Damaged → set aside, and the last good generation takes its place, checked the same way; neither →
 * empty: the gateway is not ready until the manager was reached (decision 9). An older copy is used when the good generation is not newer;
 * the feed brings it up to date.
 */
export function openReplicaForWriting(deps: ReplicaDeps): OpenedReplica {
  const { files, logger } = deps;
  const mark = readMark(files.mark);
  const current = usable(checkReplica(files.replica, 'use'), deps);
  const good = usable(checkReplica(files.good, 'look'), deps);
  const notice = choose(deps, { mark, current, good });
  if (notice !== undefined) logger.warn({ mark }, notice);
  return { replica: openCheckedReplica(files, deps), notice };
}

interface Candidates {
  readonly mark: FeedPosition | undefined;
  readonly current: ReplicaVerdict;
  readonly good: ReplicaVerdict;
}

/** Leaves a usable replica in its place and says what was done. */
function choose(deps: ReplicaDeps, { mark, current, good }: Candidates): string | undefined {
  const { files } = deps;
  if (current.state === 'good') {
    if (!isBehind(current.meta, mark)) return undefined;
    if (good.state !== 'good' || !isNewer(good.meta, current.meta, mark)) {
      return `The replica is an older copy (${place(current.meta)}, last committed was ${mark?.seq}). It serves; the feed brings it up to date.`;
    }
    setAside(files);
    restoreGood(files);
    return `The replica is an older copy (${place(current.meta)}, last committed was ${mark?.seq}); the last good generation (${place(good.meta)}) serves.`;
  }
  const problem = current.state === 'damaged' ? `is damaged: ${current.problem}` : 'is gone';
  const aside = current.state === 'damaged' ? ` It was set aside as ${path.basename(setAside(files))}.` : '';
  if (good.state === 'good') {
    restoreGood(files);
    return `The replica ${problem}.${aside} The last good generation (${place(good.meta)}) serves; the feed brings it up to date.`;
  }
  createEmpty(deps);
  const isFirstStart = current.state === 'missing' && good.state === 'missing' && mark === undefined;
  return isFirstStart
    ? undefined
    : `The replica ${problem}.${aside} There is no good generation; everything is fetched anew.`;
}

/** A replica that is whole but not ours is as useless as a damaged one. */
function usable(verdict: ReplicaVerdict, deps: ReplicaDeps): ReplicaVerdict {
  if (verdict.state !== 'good' || verdict.meta.serverGroup === deps.serverGroup) return verdict;
  return { state: 'damaged', problem: `it belongs to the server group ${verdict.meta.serverGroup}` };
}

function isBehind(meta: ReplicaMeta, mark: FeedPosition | undefined): boolean {
  if (mark === undefined) return false;
  return meta.position === undefined || meta.position.epoch !== mark.epoch || meta.position.seq < mark.seq;
}

/** True when `a` is the later state of the two. Numbers of different epochs cannot be compared: then the marked epoch is the later one. */
function isNewer(a: ReplicaMeta, b: ReplicaMeta, mark: FeedPosition | undefined): boolean {
  if (a.position === undefined) return false;
  if (b.position === undefined) return true;
  if (a.position.epoch === b.position.epoch) return a.position.seq > b.position.seq;
  return a.position.epoch === mark?.epoch;
}

function place(meta: ReplicaMeta): string {
  return meta.position === undefined ? 'empty' : `number ${meta.position.seq}`;
}

function restoreGood(files: GatewayFiles): void {
  const half = `${files.replica}.tmp`;
  copyFileSync(files.good, half);
  removeDatabase(files.replica);
  renameSync(half, files.replica);
  sync(files.folder);
}

function createEmpty({ files, gatewayId, serverGroup }: ReplicaDeps): void {
  removeDatabase(files.replica);
  removeMark(files.mark);
  const half = `${files.replica}.tmp`;
  rmSync(half, { force: true });
  const database = openDatabase(half);
  try {
    createTables(database, { gatewayId, serverGroup });
    // a database that was set aside must never get the companions of a new one: everything is in the one file before it gets its name
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
  renameSync(half, files.replica);
  sync(files.folder);
}

/** Checks an open replica's file again, because a worker met a bad row. @returns what is wrong; undefined: nothing */
export function recheckReplica(files: GatewayFiles): string | undefined {
  try {
    const verdict = checkReplica(files.replica, 'look');
    return verdict.state === 'good' ? undefined : verdict.state === 'damaged' ? verdict.problem : 'it is gone';
  } catch (error) {
    if (error instanceof ReplicaDamaged) return error.message;
    throw error;
  }
}
