import { signMark } from '#core/audit-chain';
import type { Clock } from '#core/clock';
import type { AuditCheckpoint } from '#core/model/audit-checkpoint';
import type { Random } from '#core/random';
import type { MasterKeys } from '../context.ts';
import type { ManagerDatabase, Reader } from '../database.ts';
import type { AuditCheckpointTable } from '../tables.ts';
import { openSigningKey } from './signing-key.ts';
import { readHead } from './trail.ts';

/** What checkpoints are made with. */
export interface CheckpointParts {
  readonly db: ManagerDatabase;
  readonly clock: Clock;
  readonly random: Random;
  readonly masterKeys: MasterKeys;
}

const ENTRIES_BETWEEN = 1000;
const MS_BETWEEN = 60_000;
/** The database keeps the newest; what is kept outside is everything. */
const KEPT = 10_000;

/**
 * Signs where the trail is, when it is due: a thousand entries or a minute after the checkpoint before, and only when something was written.
 * @param isLast true: whatever is new is signed now, since the manager stops
 * @returns the checkpoint, or undefined when none was due
 */
export async function makeCheckpoint(parts: CheckpointParts, isLast = false): Promise<AuditCheckpoint | undefined> {
  const { db, clock, random, masterKeys } = parts;
  const head = await readHead(db.read);
  const before = await findNewest(db.read);
  const fresh = head.seq - (before?.seq ?? 0);
  const now = clock.now();
  const isDue = isLast || fresh >= ENTRIES_BETWEEN || before === undefined || Math.abs(now - before.at) >= MS_BETWEEN;
  if (fresh <= 0 || !isDue) return undefined;
  return db.transaction(async (tx) => {
    const { keyId, privateKey } = await openSigningKey(tx, { box: masterKeys.secretBox(), random, now });
    // Read again here: entries may have come meanwhile.
    const checkpoint = signMark('checkpoint', { ...(await readHead(tx)), at: now, keyId }, privateKey);
    const { seq, hash, at, signature } = checkpoint;
    const row = { seq, hash, at, key_id: keyId, signature };
    await tx
      .insertInto('audit_checkpoints')
      .values(row)
      .onConflict((conflict) => conflict.column('seq').doNothing())
      .execute();
    await tx
      .deleteFrom('audit_checkpoints')
      .where('seq', '<', (part) =>
        part
          .selectFrom('audit_checkpoints')
          .select('seq')
          .orderBy('seq', 'desc')
          .limit(1)
          .offset(KEPT - 1),
      )
      .execute();
    return checkpoint;
  });
}

/** The newest checkpoint, if there is one. */
export async function findNewest(reader: Reader): Promise<AuditCheckpoint | undefined> {
  const row = await reader
    .selectFrom('audit_checkpoints')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : parseCheckpoint(row);
}

/** The checkpoints behind an entry, oldest first, up to so many. */
export async function listCheckpoints(reader: Reader, after: number, limit: number): Promise<AuditCheckpoint[]> {
  const query = reader.selectFrom('audit_checkpoints').selectAll().where('seq', '>', after).orderBy('seq').limit(limit);
  return (await query.execute()).map(parseCheckpoint);
}

/** All checkpoints that the database has, oldest first, a page at a time. */
export async function* readCheckpoints(reader: Reader): AsyncGenerator<AuditCheckpoint> {
  for (let after = 0; ; ) {
    const page = await listCheckpoints(reader, after, ENTRIES_BETWEEN);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

function parseCheckpoint(row: AuditCheckpointTable): AuditCheckpoint {
  const { hash, signature } = row;
  return { seq: Number(row.seq), hash, at: Number(row.at), keyId: row.key_id, signature };
}
