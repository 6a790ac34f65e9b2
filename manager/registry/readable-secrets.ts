import { consumerSecretContext } from '#core/change-feed';
import type { SecretBox } from '#core/secret-box';
import { publishConsumerKey } from '../records/secret.ts';
import { pagesOfSubscriptions } from '../records/subscription.ts';
import type { Unit } from '../unit-of-work.ts';

/** Forgets the readable form of a client's secrets, once its method needs only their hashes; its gateways forget it too. */
export async function hideReadableSecrets(unit: Unit, clientId: string): Promise<void> {
  for await (const page of pagesOfSubscriptions(unit.tx, 'client_id', clientId))
    for (const subscription of page) {
      const hidden = await unit.tx
        .updateTable('secrets')
        .set({ sealed: null })
        .where('subscription_id', '=', subscription.id)
        .where('sealed', 'is not', null)
        .executeTakeFirst();
      if (hidden.numUpdatedRows > 0n) await publishConsumerKey(unit, subscription);
    }
}

/** Seals readable secrets with the current master key, where they are not. Gives how many changed. */
export async function resealConsumerSecrets(unit: Unit, box: SecretBox): Promise<number> {
  const rows = await unit.tx
    .selectFrom('secrets')
    .innerJoin('subscriptions', 'subscriptions.id', 'secrets.subscription_id')
    .select([
      'secrets.id as id',
      'secrets.sealed as sealed',
      'subscriptions.id as subscription_id',
      'subscriptions.client_id as client_id',
      'subscriptions.consumer_key as consumer_key',
    ])
    .where('secrets.sealed', 'is not', null)
    .execute();
  const changed = new Map<string, (typeof rows)[number]>();
  let count = 0;
  for (const row of rows) {
    if (row.sealed === null) continue;
    const sealed = box.reseal(row.sealed, consumerSecretContext(row.id));
    if (sealed === row.sealed) continue;
    await unit.tx.updateTable('secrets').set({ sealed }).where('id', '=', row.id).execute();
    changed.set(row.subscription_id, row);
    count += 1;
  }
  for (const { subscription_id: id, client_id, consumer_key } of changed.values())
    await publishConsumerKey(unit, { id, client_id, consumer_key });
  return count;
}
