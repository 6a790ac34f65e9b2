import type { Kysely } from 'kysely';
import type { Standing } from '#core/standing';
import type { Database } from '../database.ts';
import { appendToFeed } from '../feed/append.ts';
import { publishClient, standingColumns } from '../records/client.ts';
import { getProduct } from '../records/product.ts';
import { publishSubject, subjectStateColumns } from '../records/resource-owner.ts';
import { listSecrets, publishConsumerKey } from '../records/secret.ts';
import { publishSubscription } from '../records/subscription.ts';
import type { SubscriptionTable } from '../tables.ts';
import type { Actor, PendingEntry, Unit } from '../unit-of-work.ts';

const PAGE_SIZE = 500;
const REASON = 'restored from a backup';

/** How generations are raised. */
export interface Raising {
  /** What the token stores know, by {@link standingKey}: a generation never falls, and what is inactive there becomes so here. */
  readonly known: ReadonlyMap<string, Standing>;
  /** So much more than the highest one known: every token of before is dead. 0: tokens stay. */
  readonly step: number;
  readonly now: number;
  readonly actor: Actor;
}

/** How many records were found to have ended or been disabled since. */
export type EndedSince = Readonly<Record<Standing['kind'], number>>;

/** One text for a standing, of its kind and id. */
export const standingKey = ({ kind, id }: Pick<Standing, 'kind' | 'id'>) => `${kind} ${id}`;

/** Raises the generations of restored data, and ends what has ended since they were backed up. Both go to the change feed. */
export async function raiseGenerations(db: Kysely<Database>, raising: Raising): Promise<EndedSince> {
  const ended = { client: 0, subscription: 0, secret: 0, subject: 0 };
  const next = (kind: Standing['kind'], row: { readonly id: string; readonly generation: number }) => {
    const known = raising.known.get(standingKey({ kind, id: row.id }));
    const generation = Math.max(row.generation, known?.generation ?? 0) + raising.step;
    return { generation, isEnded: known?.active === false, isRaised: generation !== row.generation };
  };
  await eachPage(db, 'clients', raising, async (unit, rows) => {
    for (const row of rows) {
      const { generation, isEnded, isRaised } = next('client', row);
      const isEnding = isEnded && row.active === 1;
      if (!isRaised && !isEnding) continue;
      ended.client += isEnding ? 1 : 0;
      const columns = { generation, active: isEnding ? 0 : row.active, ...standingColumns(unit, REASON) };
      await unit.tx.updateTable('clients').set(columns).where('id', '=', row.id).execute();
      publishClient(unit, { ...row, ...columns });
    }
  });
  await eachPage(db, 'subscriptions', raising, async (unit, rows) => {
    for (const row of rows) {
      const { generation, isEnded, isRaised } = next('subscription', row);
      const isEnding = isEnded && row.state === 'active';
      if (isRaised || isEnding) {
        ended.subscription += isEnding ? 1 : 0;
        const state = isEnding ? 'suspended' : row.state;
        const columns = { generation, state, ...standingColumns(unit, REASON) };
        await unit.tx.updateTable('subscriptions').set(columns).where('id', '=', row.id).execute();
        const { product } = await getProduct(unit.tx, row.product_id);
        publishSubscription(unit, { ...row, ...columns }, product);
      }
      ended.secret += await raiseSecrets(unit, row, next);
    }
  });
  await eachPage(db, 'resource_owners', raising, async (unit, rows) => {
    for (const row of rows) {
      const { generation, isEnded, isRaised } = next('subject', row);
      const isEnding = isEnded && row.active === 1;
      if (!isRaised && !isEnding) continue;
      ended.subject += isEnding ? 1 : 0;
      const columns = { generation, active: isEnding ? 0 : row.active, ...subjectStateColumns(unit, REASON) };
      await unit.tx.updateTable('resource_owners').set(columns).where('id', '=', row.id).execute();
      publishSubject(unit, { ...row, ...columns });
    }
  });
  return ended;
}

type Next = (
  kind: Standing['kind'],
  row: { readonly id: string; readonly generation: number },
) => { readonly generation: number; readonly isEnded: boolean; readonly isRaised: boolean };

async function raiseSecrets(unit: Unit, subscription: SubscriptionTable, next: Next): Promise<number> {
  let [changed, ended] = [0, 0];
  for (const row of await listSecrets(unit.tx, [subscription.id])) {
    const { generation, isEnded, isRaised } = next('secret', row);
    const isEnding = isEnded && row.active === 1;
    if (!isRaised && !isEnding) continue;
    const end = isEnding ? { active: 0, ends_at: Math.min(row.ends_at ?? unit.now, unit.now), sealed: null } : {};
    const note = { changed_at: unit.now, changed_by: unit.actor.name, changed_reason: REASON };
    await unit.tx
      .updateTable('secrets')
      .set({ generation, ...end, ...note })
      .where('id', '=', row.id)
      .execute();
    changed += 1;
    ended += isEnding ? 1 : 0;
  }
  if (changed > 0) await publishConsumerKey(unit, subscription);
  return ended;
}

type Raised = 'clients' | 'subscriptions' | 'resource_owners';
type RowOf<Table extends Raised> = { readonly [Column in keyof Database[Table]]: Database[Table][Column] };

/** A transaction a page, with its entries of the feed at its end. */
async function eachPage<Table extends Raised>(
  db: Kysely<Database>,
  table: Table,
  { now, actor }: Raising,
  work: (unit: Unit, rows: readonly RowOf<Table>[]) => Promise<void>,
): Promise<void> {
  let after = '';
  for (;;) {
    const found = await db.transaction().execute(async (tx) => {
      const entries: PendingEntry[] = [];
      const unit: Unit = {
        ...{ tx, now, actor },
        audit: () => {},
        publish: (kind, id, payload, serverGroupId) => void entries.push({ kind, id, serverGroupId, payload }),
      };
      const rows = (await tx
        .selectFrom(table as Raised)
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(PAGE_SIZE)
        .execute()) as unknown as RowOf<Table>[];
      await work(unit, rows);
      if (entries.length > 0) await appendToFeed(tx, entries, now);
      return rows;
    });
    const last = found.at(-1) as { readonly id: string } | undefined;
    if (last === undefined || found.length < PAGE_SIZE) return;
    after = last.id;
  }
}
