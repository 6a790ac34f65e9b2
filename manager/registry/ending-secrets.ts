import { sql } from 'kysely';
import type { Reader } from '../database.ts';

/** A secret that ends soon and is missed: no newer one is in use. */
export interface EndingSecret {
  readonly name: string;
  readonly endsAt: number;
  readonly client: string;
  readonly clientTitle: string;
  readonly subscription: string;
  /** True: there is a newer one, and this one was used after that was made. */
  readonly hasSuccessor: boolean;
}

/** Counted up to here; a number above it says nothing more. */
const COUNTED = 1000;

/**
 * Secrets of active subscriptions that end within a stretch of time (epoch ms) and should be looked at, the first to end first, and how many
 * there are, counted up to 1000. An old secret that runs out after a rotation is as it should be, unless the client goes on using it.
 */
export async function listEndingSecrets(
  reader: Reader,
  asked: { readonly from: number; readonly to: number; readonly limit: number },
): Promise<{ readonly items: readonly EndingSecret[]; readonly total: number }> {
  const { rows } = await sql<Row>`
    with ending as (
      select secrets.*, (
        select min(newer.created_at) from secrets as newer
        where newer.subscription_id = secrets.subscription_id and newer.active = 1
          and (newer.ends_at is null or newer.ends_at > secrets.ends_at)) as successor_at
      from secrets
      join subscriptions on subscriptions.id = secrets.subscription_id
      where secrets.ends_at > ${asked.from} and secrets.ends_at < ${asked.to} and secrets.active = 1
        and subscriptions.state = 'active'),
    missed as materialized (
      select * from ending
      where successor_at is null or last_used_at > successor_at
      order by ends_at, id limit ${COUNTED})
    select missed.name, missed.ends_at, missed.successor_at, subscriptions.name as subscription_name,
      clients.name as client_name, clients.display_name as client_title, (select count(*) from missed) as total
    from missed
    join subscriptions on subscriptions.id = missed.subscription_id
    join clients on clients.id = subscriptions.client_id
    order by missed.ends_at, missed.id
    limit ${asked.limit}`.execute(reader);
  return {
    total: Number(rows[0]?.total ?? 0),
    items: rows.map((row) => ({
      name: row.name,
      endsAt: Number(row.ends_at),
      client: row.client_name,
      clientTitle: row.client_title,
      subscription: row.subscription_name,
      hasSuccessor: row.successor_at !== null,
    })),
  };
}

interface Row {
  readonly name: string;
  readonly ends_at: number;
  readonly successor_at: number | null;
  readonly subscription_name: string;
  readonly client_name: string;
  readonly client_title: string;
  readonly total: number;
}
