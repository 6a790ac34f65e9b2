import { listSecrets } from '../records/secret.ts';
import { buryStandings } from '../records/standing-tombstone.ts';
import type { SubscriptionTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';

/** Deletes a subscription with its keys and revokes its tokens: the tombstones keep a raised generation for the token stores. */
export async function deleteSubscription(unit: Unit, row: SubscriptionTable): Promise<void> {
  const secrets = await listSecrets(unit.tx, [row.id]);
  await buryStandings(unit, [
    { kind: 'subscription', id: row.id, feedKind: 'subscription', feedId: row.id, generation: row.generation },
    ...secrets.map(({ id, consumer_key, generation }) => ({
      kind: 'secret' as const,
      id,
      feedKind: 'consumer-key' as const,
      feedId: consumer_key,
      generation,
    })),
  ]);
  await unit.tx.deleteFrom('subscriptions').where('id', '=', row.id).execute();
  unit.publish('subscription', row.id, undefined);
  if (row.consumer_key !== null) unit.publish('consumer-key', row.consumer_key, undefined);
}
