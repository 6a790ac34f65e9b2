import type { ConsumerKeys } from '#core/model/consumer-key';
import { dateTime } from './duration.ts';
import type { Output } from './output.ts';

/** Shows consumer keys with their secrets; values are not kept, so hints are all there is. */
export function showSecrets(out: Output, keys: readonly ConsumerKeys[]): void {
  const rows = keys.flatMap(({ subscription, consumerKey, secrets }) =>
    secrets.map((secret) => [
      subscription,
      consumerKey ?? '–',
      secret.name,
      secret.hint,
      secret.state === 'ending'
        ? `works until ${dateTime(secret.endsAt)}`
        : secret.state === 'ended'
          ? `ended ${dateTime(secret.endsAt)}`
          : secret.state,
      secret.lastUsedAt === undefined
        ? 'never'
        : `${dateTime(secret.lastUsedAt)}${secret.lastUsedAddress === undefined ? '' : ` from ${secret.lastUsedAddress}`}`,
    ]),
  );
  out.table(
    ['SUBSCRIPTION', 'CONSUMER KEY', 'SECRET', 'HINT', 'STATE', 'LAST USED'].map((title) => ({
      title,
      isWhole: title === 'SECRET' || title === 'STATE',
    })),
    rows,
  );
  if (rows.length === 0) out.note('No secrets yet.');
}
