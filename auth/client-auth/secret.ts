import type { ConsumerKeyEntry, FeedSecret } from '#core/change-feed';
import { isConsumerSecret, sameHash, sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Facts } from '#core/facts';
import { MAX_SECRETS } from '#core/model/consumer-key';
import type { AuthenticateBy } from './method.ts';

/** Stands in for the secrets of nobody. */
const NOBODYS_SECRETS: readonly Pick<FeedSecret, 'hash'>[] = [{ hash: '0'.repeat(64) }];

/** Consumer key and consumer secret (RFC 6749 §2.3.1), in the header, the form or, where the policy has it, the query. */
export const authenticateBySecret: AuthenticateBy = (_request, { presented, named }, { services }) => {
  // of one shape whether there is a client or not
  const facts = { client: named?.client.displayName, clientName: named?.client.name };
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
  const known = entry?.secrets ?? [];
  const secrets = known.length === 0 ? NOBODYS_SECRETS : known;
  let found = -1;
  for (let i = 0; i < Math.max(MAX_SECRETS, secrets.length); i += 1) {
    const index = i < secrets.length ? i : 0;
    if (sameHash(secrets[index]?.hash ?? '', hash)) found = index;
  }
  const matched = known[found];
  const facts = { consumerKey: credentials.consumerKey.slice(0, 60), ...clientFacts };
  if (entry === undefined || matched === undefined) {
    const isMistyped = !hasForm && presented.startsWith('gws_');
    const wrong = isMistyped ? 'secret_checksum' : 'wrong_secret';
    const cause = credentials.secret === undefined ? 'secret_missing' : entry === undefined ? 'unknown_key' : wrong;
    throw new Refusal('oauth_invalid_client', { cause, ...facts });
  }
  const isOver = matched.endsAt !== undefined && matched.endsAt <= now;
  if (isOver || !matched.active) {
    const at = isOver ? matched.endsAt : matched.changedAt;
    const more = { secret: matched.name, at, by: matched.changedBy, reason: matched.changedReason };
    throw new Refusal('oauth_invalid_client', { cause: 'secret_ended', ...facts, ...more });
  }
  return matched;
}
