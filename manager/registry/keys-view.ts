import type { ConsumerKeys } from '#core/model/consumer-key';
import type { Reader } from '../database.ts';
import { listSecrets, parseSecret } from '../records/secret.ts';
import { withNames } from '../records/subscription.ts';
import type { SecretTable, SubscriptionTable } from '../tables.ts';

/** The consumer keys of subscriptions and their secrets, without values, as they stand at `now`; three statements for all. */
export async function keysOf(reader: Reader, rows: readonly SubscriptionTable[], now: number): Promise<ConsumerKeys[]> {
  const subscriptions = await withNames(reader, rows, now);
  const secrets = Map.groupBy(
    await listSecrets(
      reader,
      rows.map(({ id }) => id),
    ),
    (secret: SecretTable) => secret.subscription_id,
  );
  return subscriptions.map(({ id, name, client, product, consumerKey }) => ({
    subscription: name,
    client,
    product,
    ...(consumerKey === undefined ? {} : { consumerKey }),
    secrets: (secrets.get(id) ?? []).map((secret) => parseSecret(secret, now)),
  }));
}
