import type { ConsumerKeyEntry, FeedSecret } from '#core/change-feed';
import { isConsumerSecret, sameHash, sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import { MAX_SECRETS } from '#core/model/consumer-key';
import type { Credentials } from '../token-request.ts';

const NOBODYS_HASH = '0'.repeat(64);

/**
 * The secret of the consumer key that was presented. Does the same work whether the key exists, however many secrets it has and whichever fits,
 * so that time tells nothing.
 * @throws Refusal `oauth_invalid_client` with its cause: unknown_key, secret_missing, wrong_secret, secret_checksum, secret_ended
 */
export function checkSecret(
  credentials: Credentials,
  entry: ConsumerKeyEntry | undefined,
  { now, clientFacts }: { readonly now: number; readonly clientFacts: Facts },
): FeedSecret {
  const presented = credentials.secret ?? '';
  const hash = sha256Hex(presented);
  const hasForm = isConsumerSecret(presented);
  const secrets = entry?.secrets ?? [];
  let matched: FeedSecret | undefined;
  for (let i = 0; i < Math.max(MAX_SECRETS, secrets.length); i += 1) {
    const secret = secrets[i];
    if (sameHash(secret?.hash ?? NOBODYS_HASH, hash)) matched = secret;
  }
  const facts = { consumerKey: credentials.consumerKey.slice(0, 60), ...clientFacts };
  if (credentials.secret === undefined)
    throw new Refusal('oauth_invalid_client', { cause: 'secret_missing', ...facts });
  if (entry === undefined) throw new Refusal('oauth_invalid_client', { cause: 'unknown_key', ...facts });
  if (matched === undefined) {
    const isMistyped = !hasForm && presented.startsWith('gws_');
    throw new Refusal('oauth_invalid_client', { cause: isMistyped ? 'secret_checksum' : 'wrong_secret', ...facts });
  }
  const isOver = matched.endsAt !== undefined && matched.endsAt <= now;
  if (isOver || !matched.active) {
    const at = isOver ? matched.endsAt : matched.changedAt;
    const more = { secret: matched.name, at, by: matched.changedBy, reason: matched.changedReason };
    throw new Refusal('oauth_invalid_client', { cause: 'secret_ended', ...facts, ...more });
  }
  return matched;
}
