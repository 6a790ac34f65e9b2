import { newId } from '#core/id';
import type { Random } from '#core/random';
import type { ManagerDatabase, Reader, Tx } from '../database.ts';
import type { PendingEntry } from '../unit-of-work.ts';

/** The longest life of a token (30 days) and a day: how long tombstones are kept by default. */
export const DEFAULT_TOMBSTONE_AGE_MS = 31 * 86_400_000;
const ROWS_PER_INSERT = 100;

/** Which feed this is, how far it has come, and from where it can be read on. */
export interface FeedHead {
  readonly epoch: string;
  readonly seq: number;
  readonly horizon: number;
}

/** Makes the feed's epoch on the first start; of several managers that start at once, one makes it. */
export async function openFeed(db: ManagerDatabase, random: Random): Promise<FeedHead> {
  await db.write
    .insertInto('feed_meta')
    .values({ id: 1, epoch: newId('fee', random), seq: 0, horizon: 0 })
    // A change may have been made before the feed was opened: it leaves the epoch empty.
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((row) => ({ epoch: row.ref('excluded.epoch') }))
        .where('feed_meta.epoch', '=', ''),
    )
    .execute();
  return readHead(db.write);
}

/** The feed's head as committed. */
export async function readHead(reader: Reader): Promise<FeedHead> {
  const row = await reader.selectFrom('feed_meta').selectAll().executeTakeFirst();
  return { epoch: row?.epoch ?? '', seq: Number(row?.seq ?? 0), horizon: Number(row?.horizon ?? 0) };
}

/**
 * Appends a change's entries as the last statements of its transaction; gives the number they all have. The counter's row stays locked until
 * the commit, so numbers are in commit order (decision 8). Each object keeps its newest entry only: the feed is compacted as it grows.
 */
export async function appendToFeed(tx: Tx, entries: readonly PendingEntry[], now: number): Promise<number> {
  const seq = await lockNextNumber(tx);
  await tx.updateTable('feed_meta').set({ seq }).execute();
  const rows = entries.map(({ kind, id, serverGroupId, payload }) => ({
    kind,
    id,
    seq,
    server_group_id: serverGroupId ?? null,
    payload: payload === undefined ? null : JSON.stringify(payload),
    deleted_at: payload === undefined ? now : null,
  }));
  for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
    await tx
      .insertInto('feed')
      .values(rows.slice(i, i + ROWS_PER_INSERT))
      .onConflict((conflict) =>
        conflict.columns(['kind', 'id']).doUpdateSet((row) => ({
          seq: row.ref('excluded.seq'),
          server_group_id: row.ref('excluded.server_group_id'),
          payload: row.ref('excluded.payload'),
          deleted_at: row.ref('excluded.deleted_at'),
        })),
      )
      .execute();
  }
  return seq;
}

/** The number that this transaction's entries will have; the counter is locked from here on. For rows that store it. */
export async function lockNextNumber(tx: Tx): Promise<number> {
  const { seq } = await tx
    .insertInto('feed_meta')
    .values({ id: 1, epoch: '', seq: 0, horizon: 0 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet((row) => ({ seq: row.ref('feed_meta.seq') })))
    .returning('seq')
    .executeTakeFirstOrThrow();
  return Number(seq) + 1;
}

/** Forgets tombstones made before an instant and raises the horizon over them; gives how many. */
export async function purgeTombstones(db: ManagerDatabase, before: number): Promise<number> {
  return db.transaction(async (tx) => {
    const old = await tx
      .selectFrom('feed')
      .select(({ fn }) => fn.max('seq').as('seq'))
      .where('deleted_at', '<', before)
      .executeTakeFirst();
    if (old?.seq === null || old?.seq === undefined) return 0;
    const horizon = Number(old.seq);
    await tx.updateTable('feed_meta').set({ horizon }).where('horizon', '<', horizon).execute();
    const { numDeletedRows } = await tx.deleteFrom('feed').where('deleted_at', '<', before).executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  });
}
