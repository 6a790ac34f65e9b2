import { type RawBuilder, sql } from 'kysely';
import type { Logger } from '#core/logger';
import type { ManagerDatabase, Reader, Tx } from './database.ts';

/** A leader that was not heard of for so long leads no more. */
export const LEASE_MS = 6000;
const RENEW_EVERY_MS = 2000;
const LEADER = 'leader';

/**
 * Who does what only one manager may do: forgetting what is old, signing the audit trail, rotating keys (decision 37). The lease is a row with a
 * term, which is one higher with every new leader; it is looked at in each transaction of these duties, so that a leader that was stopped and
 * wakes up changes nothing any more. Time is the database's: managers' clocks need not agree.
 */
export interface Lease extends AsyncDisposable {
  /** As far as this manager knows; only {@link Lease.leading} is sure. */
  readonly isHeld: boolean;
  /** The database as leader: every transaction of it fails with {@link NotLeading} when another one leads by then. */
  readonly leading: ManagerDatabase;
  /** How many other managers are at work on the database. */
  others(): Promise<number>;
}

/** A duty of the leader was begun, and another manager leads. Nothing was changed. */
export class NotLeading extends Error {
  override readonly name = 'NotLeading';
}

/** What a lease is held with. */
export interface LeaseDeps {
  readonly db: ManagerDatabase;
  readonly logger: Logger;
}

/** Takes the lease when it is free, and renews it or waits for it from then on. The manager of an SQLite file always leads. */
export async function openLease({ db, logger }: LeaseDeps): Promise<Lease> {
  if (db.sharedUrl === undefined)
    return { isHeld: true, leading: db, others: async () => 0, [Symbol.asyncDispose]: async () => {} };
  const self = db.name;
  let term: number | undefined;

  const renew = async () => {
    const before = term;
    try {
      term = await db.transaction((tx) => takeTurn(tx, self));
    } catch (error) {
      // Whether it still leads is told by each transaction; a second one may lead already.
      term = undefined;
      throw error;
    }
    if (term !== undefined && term !== before) logger.info({ term }, 'This manager leads.');
    if (term === undefined && before !== undefined) logger.warn({ term: before }, 'Another manager leads.');
  };
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    running = running.then(renew).catch((error: unknown) => logger.warn({ err: error }, 'The lease was not renewed.'));
  };
  await renew();
  const timer = setInterval(run, RENEW_EVERY_MS).unref();

  return {
    get isHeld() {
      return term !== undefined;
    },
    leading: {
      ...db,
      transaction: (work) =>
        db.transaction(async (tx) => {
          await check(tx, self, term);
          return work(tx);
        }),
    },
    others: () => countOthers(db.read, self),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await running;
      term = undefined;
      await db
        .transaction((tx) => tx.updateTable('leases').set({ ends_at: 0 }).where('holder', '=', self).execute())
        .catch((error: unknown) => logger.warn({ err: error }, 'The lease was not given back.'));
    },
  };
}

/** Says that this manager is there, and takes or renews the lease; gives the term when it leads. */
async function takeTurn(tx: Tx, self: string): Promise<number | undefined> {
  await tx.deleteFrom('leases').where('name', '<>', LEADER).where('ends_at', '<', fromNow(-LEASE_MS)).execute();
  await tx
    .insertInto('leases')
    .values({ name: `manager ${self}`, holder: self, term: 0, ends_at: fromNow(LEASE_MS) })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ ends_at: fromNow(LEASE_MS) }))
    .execute();
  const row = await tx
    .updateTable('leases')
    .set({
      holder: self,
      term: sql<number>`case when holder = ${self} then term else term + 1 end`,
      ends_at: fromNow(LEASE_MS),
    })
    .where('name', '=', LEADER)
    .where((is) => is.or([is('holder', '=', self), is('ends_at', '<=', fromNow(0))]))
    .returning('term')
    .executeTakeFirst();
  return row === undefined ? undefined : Number(row.term);
}

/** The row is read while no other manager can take it: those who would must wait for this transaction to end. */
async function check(tx: Tx, self: string, term: number | undefined): Promise<void> {
  const row = await tx.selectFrom('leases').select(['holder', 'term']).where('name', '=', LEADER).executeTakeFirst();
  if (term === undefined || row?.holder !== self || Number(row.term) !== term)
    throw new NotLeading('Another manager leads.');
}

async function countOthers(reader: Reader, self: string): Promise<number> {
  const rows = await reader
    .selectFrom('leases')
    .select('name')
    .where('name', '<>', LEADER)
    .where('holder', '<>', self)
    .where('ends_at', '>', fromNow(0))
    .execute();
  return rows.length;
}

/** Epoch ms of the database's clock, and so many more. */
function fromNow(ms: number): RawBuilder<number> {
  return sql<number>`(floor(extract(epoch from clock_timestamp()) * 1000)::bigint + ${sql.lit(ms)})`;
}
