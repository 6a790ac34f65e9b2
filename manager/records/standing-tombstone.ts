import type { FeedKind } from '#core/change-feed';
import type { Standing, StandingKind } from '#core/standing';
import type { Unit } from '../unit-of-work.ts';

/** Whose standing is buried, and the object of the change feed that carried it. */
export interface BuriedStanding {
  readonly kind: Exclude<StandingKind, 'subject'>;
  readonly id: Standing['id'];
  readonly feedKind: FeedKind;
  readonly feedId: string;
  /** The last generation; the tombstone has the next one, so that every token issued before is dead. */
  readonly generation: Standing['generation'];
}

/** Keeps the last standing of what is deleted, for the token stores: its tokens stay revoked after the object is gone. */
export async function buryStandings(unit: Unit, buried: readonly BuriedStanding[]): Promise<void> {
  if (buried.length === 0) return;
  const rows = buried.map(({ kind, id, feedKind, feedId, generation }) => ({
    kind,
    id,
    feed_kind: feedKind,
    feed_id: feedId,
    generation: generation + 1,
    changed_at: unit.now,
    changed_by: unit.actor.name,
    changed_reason: 'deleted',
  }));
  await unit.tx.insertInto('standing_tombstones').values(rows).execute();
}
