import type { Clock } from '#core/clock';
import type { StoreChange } from '#core/token-store';
import type { CassandraConnection } from './connection.ts';
import type { Lifetimes } from './lifetime.ts';

/** What the parts of the store work with. */
export interface CassandraParts {
  readonly connection: CassandraConnection;
  readonly clock: Clock;
  readonly lifetimes: Lifetimes;
  /** How long the dead stay known past their expiry, in ms. */
  readonly retentionMs: number;
  /** A new id of an attempt, by which it recognises what it wrote. */
  readonly newAttempt: () => string;
  /** Puts changes at the end of the feed; resolves durable. */
  readonly append: (changes: readonly StoreChange[]) => Promise<void>;
}

/** Runs for each, at most 32 at once; those of one key still go in their order (CassandraConnection.change). */
export async function forEachSome<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: Math.min(32, items.length) }, lane));
}
