import type { ConsumerKeyEntry, FeedSecret } from '#core/change-feed';
import { isConsumerSecret, sameHash, sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import { MAX_SECRETS } from '#core/model/consumer-key';
import type { AuthenticateBy } from './method.ts';

const NOBODYS_HASH = '0'.repeat(64);

/** Consumer key and consumer secret (RFC 6749 §2.3.1), in the header, the form or, where the policy has it, the query. */
export const authenticateBySecret: AuthenticateBy = (_request, { presented, named }, { services }) => {
  const facts = named === undefined ? {} : { client: named.client.displayName, clientName: named.client.name };
  const text = presented.by === 'secret' ? presented.secret : undefined;
  const secret = checkSecret({ consumerKey: presented.consumerKey, secret: text }, named?.entry, {
    now: services.clock.now(),
    clientFacts: facts,
  });
  const isBasic = presented.by === 'secret' && presented.place === 'header';
  return { method: isBasic ? 'client_secret_basic' : 'client_secret_post', secret };
};

/**
 * The secret of the consumer key that was presented. Does the same work whether the key exists, however many secrets it has and whichever fits,
 * so that time tells nothing.
 * @throws Refusal `oauth_invalid_client` with its cause: unknown_key, secret_missing, wrong_secret, secret_checksum, secret_ended
 */
function checkSecret(
  credentials: { readonly consumerKey: string; readonly secret: string | undefined },
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
