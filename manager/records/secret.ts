import type { ConsumerKeyEntry, FeedSecret } from '#core/change-feed';
import type { ConsumerSecret } from '#core/model/consumer-key';
import type { Reader } from '../database.ts';
import type { SecretTable, SubscriptionTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { notFound } from './record.ts';

/** Ended secrets that still travel to the gateways, so that a refusal can say when and by whom it was ended. */
const ENDED_IN_FEED = 10;

/** A secret as it may be shown, at an instant. */
export function parseSecret(row: SecretTable, now: number): ConsumerSecret {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    kept: row.sealed === null ? 'hash' : 'encrypted',
    state: hasEnded(row, now) ? 'ended' : row.ends_at === null ? 'current' : 'ending',
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    ...(row.ends_at === null ? {} : { endsAt: Number(row.ends_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
    ...(row.last_used_gateway === null ? {} : { lastUsedGateway: row.last_used_gateway }),
    ...(row.last_used_address === null ? {} : { lastUsedAddress: row.last_used_address }),
    tokensRevoked: row.tokens_revoked === 1,
  };
}

/** Whether a secret has ended, by hand or by its time. */
export function hasEnded(row: SecretTable, now: number): boolean {
  return row.active === 0 || (row.ends_at !== null && row.ends_at <= now);
}

/** All secrets of some subscriptions, oldest first. */
export async function listSecrets(reader: Reader, subscriptionIds: readonly string[]): Promise<SecretTable[]> {
  if (subscriptionIds.length === 0) return [];
  return reader
    .selectFrom('secrets')
    .selectAll()
    .where('subscription_id', 'in', [...subscriptionIds])
    .orderBy('created_at')
    .orderBy('name')
    .execute();
}

/** A secret of a subscription by name or id. @throws ProblemError `not_found` */
export async function getSecretRow(reader: Reader, subscriptionId: string, reference: string): Promise<SecretTable> {
  const row = await reader
    .selectFrom('secrets')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('secret', reference);
  return row;
}

/** Puts a consumer key and its secrets into the change feed. */
export async function publishConsumerKey(
  unit: Unit,
  subscription: Pick<SubscriptionTable, 'id' | 'client_id' | 'consumer_key'>,
): Promise<void> {
  if (subscription.consumer_key === null) return;
  const rows = await listSecrets(unit.tx, [subscription.id]);
  const ended = rows
    .filter((row) => hasEnded(row, unit.now))
    .sort((a, b) => b.changed_at - a.changed_at)
    .slice(0, ENDED_IN_FEED);
  const payload: ConsumerKeyEntry = {
    consumerKey: subscription.consumer_key,
    subscriptionId: subscription.id,
    clientId: subscription.client_id,
    secrets: rows
      .filter((row) => !hasEnded(row, unit.now) || ended.includes(row))
      .map((row) => feedSecretOf(row, unit.now)),
  };
  unit.publish('consumer-key', payload.consumerKey, payload);
}

function feedSecretOf(row: SecretTable, now: number): FeedSecret {
  return {
    id: row.id,
    hash: row.hash,
    ...(row.sealed !== null && !hasEnded(row, now) && { sealed: row.sealed }),
    name: row.name,
    ...(row.ends_at === null ? {} : { endsAt: Number(row.ends_at) }),
    generation: row.generation,
    active: row.active === 1,
    changedBy: row.changed_by,
    changedAt: Number(row.changed_at),
    ...(row.changed_reason === null ? {} : { changedReason: row.changed_reason }),
  };
}
