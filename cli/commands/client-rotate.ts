import type { NewSecret } from '#core/model/consumer-key';
import { at } from '../api.ts';
import { chooseSubscription } from '../client-subscription.ts';
import type { Run } from '../command-spec.ts';
import { parseDuration } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { deliverKeys, openSecretDelivery } from '../secret-delivery.ts';

/** `gatewright client rotate`: a new secret, and the old ones go on for a while, so that no running client breaks. */
export const clientRotate: Run = async (session, input) => {
  const { out } = session;
  const keepOld = input.text('keepOld') ?? '24h';
  const keepOldMs = parseDuration(keepOld);
  session.doing = `rotate the secret of ${input.argument(0)}`;
  using delivery = openSecretDelivery(session, input, 'The new secret');
  const api = await session.api();
  const { client, subscription } = await chooseSubscription(api, input.argument(0), input.text('subscription'));
  const name = input.text('name');
  const made = await api.post<NewSecret>(at`/subscriptions/${subscription.name}/keys/rotate`, {
    ...(name !== undefined && { name }),
    keepOldMs,
    revokeTokens: input.flag('revokeTokens'),
  });
  deliverKeys(session, delivery, made);
  out.json(delivery.isShown ? made : { ...made, consumerSecret: null });
  out.line(
    keepOldMs === 0 ? 'The old secrets are refused from now on.' : `The old secrets work for another ${keepOld}.`,
  );
  out.line(
    input.flag('revokeTokens')
      ? 'Tokens issued with the old secrets are revoked.'
      : 'Tokens already issued stay valid until they expire.',
  );
  out.line(out.style.dim(`See when the old ones were last used: gatewright client secrets ${client.name}`));
  out.line(out.style.bold(`Rotated: ${made.secret?.name} is the secret of ${subscription.name}.`));
  return EXIT.done;
};
