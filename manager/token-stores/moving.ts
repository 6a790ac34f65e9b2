import { UnavailableError } from '#core/errors';
import type { ManagerContext } from '../context.ts';
import { NotLeading } from '../lease.ts';
import { changedRecordColumns } from '../records/record.ts';
import { getTokenStoreRow, publishTokenStore } from '../records/token-store.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { tokenStoreObject } from './make.ts';
import { listMoving, moveOf, placeOf, type StoreMove } from './move.ts';
import type { TokenStoreTable } from './tables.ts';

const TICK_MS = 500;
/** So long pages are moved in a tick; then others have their turn. */
const BUSY_MS = 400;
/** A page of which nothing was to be moved any more is looked for again after so long: gateways may still be at work on the last ones. */
const SETTLE_MS = 250;

const actor: Actor = {
  ...{ name: 'system', via: 'system', operation: 'tokenStores.migrate' },
  ...{ keyId: undefined, requestId: undefined },
};

/**
 * Moves what stores keep into others, while this manager leads: page by page, as long in all as it leaves to others. How far it is is written down
 * after each page, so that another manager, or the next start, goes on there. Gives what stops it.
 * @param context with the database as leader
 */
export function startMovingStores(context: ManagerContext): () => Promise<void> {
  const { clock, logger, services } = context;
  let isStopped = false;
  let running: Promise<void> | undefined;

  async function work(): Promise<void> {
    const until = clock.monotonic() + BUSY_MS;
    for (const row of await listMoving(context.db.read))
      await moveStore(context, row, () => isStopped || clock.monotonic() >= until);
  }
  const timer = setInterval(() => {
    if (running !== undefined || !services.lease.isHeld) return;
    running = work()
      .catch((error: unknown) => {
        if (!(error instanceof NotLeading)) logger.error({ err: error }, 'Migrating token stores failed.');
      })
      .finally(() => {
        running = undefined;
      });
  }, TICK_MS).unref();
  return async () => {
    isStopped = true;
    clearInterval(timer);
    await running;
  };
}

async function moveStore(context: ManagerContext, row: TokenStoreTable, isOver: () => boolean): Promise<void> {
  const { clock, tokenStores, logger } = context;
  const to = row.moves_to;
  const begun = moveOf(row);
  if (begun === undefined || to === null) return;
  let move: StoreMove = begun;
  while (!isOver()) {
    const turnAt = clock.monotonic();
    try {
      const before = placeOf(move);
      const total: number | undefined = move.total ?? (await countRecords(context, row.name));
      const place = await tokenStores.movePage(row.name, to, before);
      if (place.phase === 'done') return await finish(context, row, { ...move, place, problem: undefined });
      const isNextPass = before !== undefined && place.phase === 'settling' && before.since !== place.since;
      move = { ...move, ...(total !== undefined && { total }), place, problem: undefined };
      await keep(context, row, move);
      // As long again for whoever is served meanwhile.
      await sleep(isNextPass ? SETTLE_MS : Math.min(clock.monotonic() - turnAt, SETTLE_MS));
    } catch (error) {
      if (error instanceof NotLeading) throw error;
      if (!(error instanceof UnavailableError))
        logger.error({ err: error, store: row.name }, 'A page of a token store was not moved.');
      const problem =
        error instanceof UnavailableError ? error.message : 'Something went wrong here; it is in the log.';
      if (problem !== move.problem) await keep(context, row, { ...move, problem });
      return;
    }
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** About how many records there are to move. */
async function countRecords({ tokenStores }: ManagerContext, name: string): Promise<number | undefined> {
  const store = tokenStores.opened().find((one) => one.name === name)?.store;
  if (store === undefined) return undefined;
  const { access = 0, refresh = 0, codes = 0, grants = 0, consents = 0 } = await store.sizes();
  return access + refresh + codes + grants + consents;
}

/** Writes down how far it is. No change in the sense of the audit trail: its beginning and end are. */
async function keep(context: ManagerContext, row: TokenStoreTable, move: StoreMove): Promise<void> {
  await context.db.transaction(async (tx) => {
    await tx
      .updateTable('token_stores')
      .set({ move: JSON.stringify(move) })
      .where('id', '=', row.id)
      .where('moves_to', '=', row.moves_to)
      .where('moved_at', 'is', null)
      .execute();
  });
}

async function finish(context: ManagerContext, { id }: TokenStoreTable, move: StoreMove): Promise<void> {
  await change(context, actor, async (unit) => {
    const row = await getTokenStoreRow(unit.tx, id);
    const columns = { ...changedRecordColumns(unit, row, {}), moved_at: unit.now, move: JSON.stringify(move) };
    await unit.tx.updateTable('token_stores').set(columns).where('id', '=', id).execute();
    publishTokenStore(unit, { ...row, ...columns });
    unit.audit({
      ...tokenStoreObject(row),
      sentence: `Token store ${row.name} was migrated to ${row.moves_to}: ${move.place?.moved ?? 0} records.`,
    });
  });
}
