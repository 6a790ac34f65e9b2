import type { KeyObject } from 'node:crypto';
import { CHAIN_START, entryHash, isSigned } from './audit-chain.ts';
import type { AuditAnchor, AuditCheckpoint, AuditVerification } from './model/audit-checkpoint.ts';
import type { AuditEntry } from './model/audit-entry.ts';

/** Checkpoints in the order in which they were made. */
export interface CheckpointSource {
  /** True when it was kept where whoever can change the database cannot reach. */
  readonly isOutside: boolean;
  readonly checkpoints: AsyncIterable<AuditCheckpoint> | Iterable<AuditCheckpoint>;
}

/** A trail to be checked. Entries and checkpoints are read one after the other: memory does not grow with the trail. */
export interface Trail {
  /** From the oldest on. */
  readonly entries: AsyncIterable<AuditEntry>;
  /** Where retention cut; undefined: nothing was ever forgotten. */
  readonly anchor: AuditAnchor | undefined;
  /** The newest entry by the trail's own word, read before the entries; undefined: unknown. */
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  readonly sources: readonly CheckpointSource[];
  /** Public keys that are believed, by id. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

type Fault = NonNullable<AuditVerification['fault']>;

/** Ends the check at the first thing that is wrong. */
class FaultFound extends Error {
  readonly fault: Fault;

  constructor(kind: Fault['kind'], seq: number, message: string) {
    super(message);
    this.fault = { kind, seq, message };
  }
}

/**
 * Checks a trail: every hash, the order without gaps, and every signed checkpoint. What was rewritten, moved, inserted or removed is found by
 * the chain, unless everything behind it was made anew too; that, and an end that was cut off, is found by a checkpoint kept outside.
 */
export async function verifyTrail(trail: Trail): Promise<AuditVerification> {
  const found = { entries: 0, checkpoints: 0, outside: 0 };
  let first: number | undefined;
  let last: Place = startOf(trail.anchor);
  const compared = (source: CheckpointSource) => {
    found.checkpoints += 1;
    if (source.isOutside) found.outside += 1;
  };
  const readers = trail.sources.map((source) => readMarks(source, trail, () => compared(source)));
  try {
    checkAnchor(trail);
    for (const reader of readers) await reader.reach(last);
    for await (const entry of trail.entries) {
      checkEntry(entry, last, trail.anchor);
      last = { seq: entry.seq, hash: entry.hash };
      first ??= entry.seq;
      found.entries += 1;
      if (trail.head?.seq === entry.seq && trail.head.hash !== entry.hash)
        throw new FaultFound('entry_changed', entry.seq, `Entry ${entry.seq} is not the one that was written last.`);
      for (const reader of readers) await reader.reach(last);
    }
    for (const reader of readers) await reader.finish(last);
    if (trail.head !== undefined && trail.head.seq > last.seq) throw missingTail(last.seq, trail.head.seq, '');
    return { ok: true, ...found, ...range(first, last.seq) };
  } catch (error) {
    if (!(error instanceof FaultFound)) throw error;
    return { ok: false, ...found, ...range(first, last.seq), fault: error.fault };
  } finally {
    for (const reader of readers) await reader.close();
  }
}

interface Place {
  readonly seq: number;
  readonly hash: string;
}

function startOf(anchor: AuditAnchor | undefined): Place {
  return anchor === undefined ? { seq: 0, hash: CHAIN_START } : { seq: anchor.seq, hash: anchor.hash };
}

function range(first: number | undefined, last: number): { firstSeq?: number; lastSeq?: number } {
  return first === undefined ? {} : { firstSeq: first, lastSeq: last };
}

function checkAnchor({ anchor, keys }: Trail): void {
  if (anchor !== undefined && !isSigned('anchor', anchor, keys))
    throw new FaultFound(
      'signature_wrong',
      anchor.seq,
      `The anchor, which says that entries up to ${anchor.seq} were forgotten by retention, is not signed by a known key: they may have been removed.`,
    );
}

function checkEntry(entry: AuditEntry, last: Place, anchor: AuditAnchor | undefined): void {
  const { seq } = entry;
  if (seq > last.seq + 1)
    throw new FaultFound(
      'entry_missing',
      last.seq + 1,
      seq === last.seq + 2 ? `Entry ${last.seq + 1} is missing.` : `Entries ${last.seq + 1} to ${seq - 1} are missing.`,
    );
  if (seq <= last.seq) throw new FaultFound('entry_changed', seq, `Entry ${seq} stands behind entry ${last.seq}.`);
  if (entryHash(entry) !== entry.hash)
    throw new FaultFound(
      'entry_changed',
      seq,
      `Entry ${seq} was changed or moved: its hash does not fit what it says.`,
    );
  if (entry.prevHash === last.hash) return;
  // This one is as it was written, so the one before it is another one than it was.
  const isFirst = last.seq === (anchor?.seq ?? 0);
  throw isFirst
    ? new FaultFound('entry_changed', seq, `Entry ${seq} does not follow on from where the trail begins.`)
    : new FaultFound(
        'entry_changed',
        last.seq,
        `Entry ${last.seq} was replaced: entry ${seq} followed on from another one.`,
      );
}

function missingTail(last: number, signed: number, why: string): FaultFound {
  const what = signed === last + 1 ? `Entry ${signed} is` : `Entries ${last + 1} to ${signed} are`;
  return new FaultFound('tail_missing', last + 1, `${what} missing at the end of the trail${why}.`);
}

interface MarkReader {
  /** Compares every checkpoint up to a place with it. */
  reach(place: Place): Promise<void>;
  /** Checkpoints behind the end are of entries that are gone. */
  finish(last: Place): Promise<void>;
  close(): Promise<void>;
}

function readMarks(source: CheckpointSource, trail: Trail, onCompared: () => void): MarkReader {
  const iterator =
    Symbol.asyncIterator in source.checkpoints
      ? source.checkpoints[Symbol.asyncIterator]()
      : source.checkpoints[Symbol.iterator]();
  const start = trail.anchor?.seq ?? 0;
  let good = start;
  let next: AuditCheckpoint | undefined;
  let isBegun = false;
  const advance = async () => {
    const before = next?.seq ?? 0;
    isBegun = true;
    const step = await iterator.next();
    next = step.done === true ? undefined : step.value;
    if (next === undefined) return;
    if (!isSigned('checkpoint', next, trail.keys))
      throw new FaultFound(
        'signature_wrong',
        next.seq,
        `The checkpoint of entry ${next.seq} is not signed by a known key.`,
      );
    if (next.seq < before)
      throw new FaultFound(
        'checkpoint_mismatch',
        next.seq,
        `The checkpoints go back from entry ${before} to entry ${next.seq}: the data were restored from an older copy, or entries were removed.`,
      );
  };
  return {
    async reach(place) {
      if (!isBegun) await advance();
      while (next !== undefined && next.seq <= place.seq) {
        // Below the anchor there is nothing to compare with any more.
        if (next.seq === place.seq && next.hash !== place.hash)
          throw new FaultFound(
            'checkpoint_mismatch',
            Math.min(good + 1, next.seq),
            good + 1 >= next.seq
              ? `Entry ${next.seq} is not the one that a checkpoint signed.`
              : `Entries between ${good + 1} and ${next.seq} were rewritten: entry ${next.seq} is not the one that a checkpoint signed.`,
          );
        if (next.seq === place.seq) {
          good = next.seq;
          onCompared();
        }
        await advance();
      }
    },
    async finish(last) {
      if (!isBegun) await advance();
      if (next !== undefined && next.seq > last.seq)
        throw missingTail(last.seq, next.seq, `: a checkpoint signed entry ${next.seq}`);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
