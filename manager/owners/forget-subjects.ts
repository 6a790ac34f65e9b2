import { feedSubject } from '#core/change-feed';
import type { ManagerDatabase } from '../database.ts';
import { appendToFeed } from '../feed/append.ts';

const AT_ONCE = 500;

/**
 * Takes the standings of resource owners who were deleted before an instant out of the feed: until then gateways keep refusing their tokens, from
 * then on there can be none. Gives the number in the feed; undefined when there was nothing to do.
 */
export async function forgetDeletedSubjects(
  db: ManagerDatabase,
  { before, now }: { readonly before: number; readonly now: number },
): Promise<number | undefined> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .selectFrom('feed')
      .select(['id', 'payload'])
      .where('kind', '=', 'subject')
      .where('payload', 'is not', null)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('resource_owners').select('id').whereRef('resource_owners.id', '=', 'feed.id'))),
      )
      .orderBy('seq')
      .limit(AT_ONCE)
      .execute();
    const gone = rows.filter(({ payload }) => feedSubject.parse(JSON.parse(payload ?? '')).changedAt < before);
    if (gone.length === 0) return undefined;
    const entries = gone.map(
      ({ id }) => ({ kind: 'subject', id, serverGroupId: undefined, payload: undefined }) as const,
    );
    return appendToFeed(tx, entries, now);
  });
}
