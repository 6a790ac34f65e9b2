import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import type { Standing } from '#core/standing';
import type { VerificationPurpose, VerifiedToken } from '#core/token-verifier';
import { callerOf } from '../caller.ts';

/**
 * The token's own subscription is active now and its product contains the protected project (decision 1).
 * @param inactive standings that the store calls inactive
 * @throws Refusal `subscription_pending`, `subscription_suspended`, `subscription_ended`, `subscription_missing`
 */
export function checkTokenSubscription(
  verified: VerifiedToken,
  inactive: readonly Standing[],
  { purpose, now }: { readonly purpose: VerificationPurpose; readonly now: number },
): void {
  const { subscription, product } = verified;
  const { state, startsAt, endsAt, changedBy, changedAt, changedReason } = subscription;
  const change = { by: changedBy, at: changedAt, reason: changedReason };
  if (state === 'ended') throw refuse(verified, 'subscription_ended', change);
  if (endsAt !== undefined && now >= endsAt) throw refuse(verified, 'subscription_ended', { at: endsAt });
  if (state === 'suspended') throw refuse(verified, 'subscription_suspended', change);
  if (state === 'pending') throw refuse(verified, 'subscription_pending', change);
  if (startsAt !== undefined && now < startsAt) throw refuse(verified, 'subscription_pending', { ...change, startsAt });
  const suspended = inactive.find(({ kind }) => kind === 'subscription');
  if (suspended !== undefined) {
    const { by, at, reason } = suspended;
    throw refuse(verified, 'subscription_suspended', { by, at, reason });
  }
  if (product?.projectIds.includes(purpose.projectId) !== true) throw refuse(verified, 'subscription_missing', {});
}

function refuse(
  { token, prefix, client, subscription, product }: VerifiedToken,
  code: 'subscription_pending' | 'subscription_suspended' | 'subscription_ended' | 'subscription_missing',
  more: Facts,
): Refusal {
  const facts = {
    client: client.displayName,
    clientName: client.name,
    subscription: subscription.name,
    product: product?.displayName,
    productName: product?.name,
    ...more,
  };
  return new Refusal(code, facts, { caller: callerOf(token, client, prefix) });
}
