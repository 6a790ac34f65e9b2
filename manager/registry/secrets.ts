import { consumerSecretContext } from '#core/change-feed';
import { newConsumerKey, newConsumerSecret, secretHint, sha256Hex } from '#core/credential';
import { newId } from '#core/id';
import { keepsSecretReadable, usesSecret } from '#core/model/client-rules';
import { type ConsumerSecret, MAX_SECRETS, type NewSecret } from '#core/model/consumer-key';
import { ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { getClientRow, parseClient } from '../records/client.ts';
import { hasEnded, listSecrets, parseSecret } from '../records/secret.ts';
import { withName } from '../records/subscription.ts';
import type { SecretTable, SubscriptionTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';

/** What a new secret is to be like. */
export interface SecretWish {
  readonly name?: string | undefined;
  readonly endsAt?: number | undefined;
}

/** Keys that were made: the answer, the secret as shown later, and the subscription with its consumer key. */
export interface MadeKeys {
  readonly answer: NewSecret;
  readonly secret: ConsumerSecret | undefined;
  readonly subscription: SubscriptionTable;
}

/**
 * Gives a subscription one more secret, and its consumer key if it has none. A client that proves itself without secret gets the key alone.
 * Of a secret the hash is kept; for client_secret_jwt the secret itself too, sealed (decision 3).
 * @throws ProblemError `limit_reached` when five have not ended; `name_taken`
 */
export async function addSecret(
  unit: Unit,
  context: ManagerContext,
  request: { readonly subscription: SubscriptionTable; readonly wish: SecretWish },
): Promise<MadeKeys> {
  const subscription = await withConsumerKey(unit, context, request.subscription);
  const { authMethod } = parseClient(await getClientRow(unit.tx, subscription.client_id));
  const names = await withName(unit.tx, subscription, unit.now);
  const keys = { subscription: subscription.name, client: names.client, consumerKey: subscription.consumer_key };
  if (!usesSecret(authMethod)) return { answer: keys, secret: undefined, subscription };
  const existing = await listSecrets(unit.tx, [subscription.id]);
  const inUse = existing.filter((row) => !hasEnded(row, unit.now));
  if (inUse.length >= MAX_SECRETS)
    throw new ProblemError(
      'limit_reached',
      `A consumer key has at most ${MAX_SECRETS} secrets that have not ended. End one first: ${inUse.map(({ name }) => name).join(', ')}.`,
    );
  const secret = newConsumerSecret(context.random);
  const id = newId('sec', context.random);
  const row: SecretTable = {
    id,
    subscription_id: subscription.id,
    consumer_key: subscription.consumer_key,
    name: nameOf(request.wish.name, existing),
    hash: sha256Hex(secret),
    sealed: keepsSecretReadable(authMethod)
      ? context.masterKeys.secretBox().seal(Buffer.from(secret, 'utf8'), consumerSecretContext(id))
      : null,
    hint: secretHint(secret),
    created_at: unit.now,
    created_by: unit.actor.name,
    ends_at: request.wish.endsAt ?? null,
    generation: 1,
    active: 1,
    tokens_revoked: 0,
    changed_at: unit.now,
    changed_by: unit.actor.name,
    changed_reason: null,
    last_used_at: null,
    last_used_gateway: null,
    last_used_address: null,
  };
  await unit.tx.insertInto('secrets').values(row).execute();
  const shown = parseSecret(row, unit.now);
  return { answer: { ...keys, consumerSecret: secret, secret: shown }, secret: shown, subscription };
}

/** What ending some secrets means. */
export interface SecretEnd {
  /** Epoch ms; not after now: ended at once. */
  readonly endsAt: number;
  readonly revokeTokens: boolean;
  readonly reason: string | undefined;
}

/** Sets the end of a secret, never later than it already is; with `revokeTokens` its generation rises, which kills its tokens. */
export async function endSecretAt(unit: Unit, row: SecretTable, end: SecretEnd): Promise<SecretTable> {
  const endsAt = row.ends_at === null ? end.endsAt : Math.min(row.ends_at, end.endsAt);
  const columns = {
    ends_at: endsAt,
    active: endsAt <= unit.now ? 0 : 1,
    sealed: endsAt <= unit.now ? null : row.sealed,
    generation: end.revokeTokens ? row.generation + 1 : row.generation,
    tokens_revoked: end.revokeTokens ? 1 : row.tokens_revoked,
    changed_at: unit.now,
    changed_by: unit.actor.name,
    changed_reason: end.reason ?? null,
  };
  await unit.tx.updateTable('secrets').set(columns).where('id', '=', row.id).execute();
  return { ...row, ...columns };
}

async function withConsumerKey(
  unit: Unit,
  context: ManagerContext,
  row: SubscriptionTable,
): Promise<SubscriptionTable & { readonly consumer_key: string }> {
  if (row.consumer_key !== null) return { ...row, consumer_key: row.consumer_key };
  const columns = {
    consumer_key: newConsumerKey(context.random),
    revision: row.revision + 1,
    updated_at: unit.now,
    updated_by: unit.actor.name,
  };
  await unit.tx.updateTable('subscriptions').set(columns).where('id', '=', row.id).execute();
  return { ...row, ...columns };
}

function nameOf(wanted: string | undefined, existing: readonly SecretTable[]): string {
  const names = new Set(existing.map(({ name }) => name));
  if (wanted === undefined) {
    let number = existing.length + 1;
    while (names.has(`secret-${number}`)) number += 1;
    return `secret-${number}`;
  }
  if (names.has(wanted)) throw new ProblemError('name_taken', `There is a secret named ${wanted} already.`);
  return wanted;
}
