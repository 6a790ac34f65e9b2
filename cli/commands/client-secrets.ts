import type { Client } from '#core/model/client';
import type { ConsumerKeys, ConsumerSecret } from '#core/model/consumer-key';
import { at } from '../api.ts';
import { CliError } from '../cli-error.ts';
import { chooseSubscription } from '../client-subscription.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { dateTime } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { showSecrets } from '../secrets-view.ts';

const RECENT_MS = 86_400_000;

/** `gatewright client secrets`. */
export const clientSecrets: Run = async (session, input) => {
  session.doing = `show the secrets of ${input.argument(0)}`;
  const api = await session.api();
  const { thing: client } = await getThing<Client>(api, nounOf('client'), input.argument(0));
  const answer = await api.get<{ items: ConsumerKeys[] }>(at`/clients/${client.name}/keys`);
  session.out.json(answer);
  showSecrets(session.out, answer.items);
  return EXIT.done;
};

/** `gatewright client end-secret`: asks first when the secret was used within a day. */
export const endClientSecret: Run = async (session, input) => {
  const { out, clock } = session;
  session.doing = `end secret ${input.argument(1)}`;
  const api = await session.api();
  const { client, subscription } = await chooseSubscription(api, input.argument(0), input.text('subscription'));
  const keys = await api.get<ConsumerKeys>(at`/subscriptions/${subscription.name}/keys`);
  const secret = findSecret(keys.secrets, input.argument(1));
  if (secret === undefined) {
    throw new CliError(`${client.displayName} has no secret ${input.argument(1)}.`, {
      exit: EXIT.notFound,
      fixes: [{ text: 'See what there is.', command: `gatewright client secrets ${client.name}` }],
    });
  }
  if (secret.lastUsedAt !== undefined && clock.now() - secret.lastUsedAt < RECENT_MS) {
    const from = secret.lastUsedAddress === undefined ? '' : ` from ${secret.lastUsedAddress}`;
    await confirm(
      session,
      `${secret.name} was last used ${dateTime(secret.lastUsedAt)}${from}; token requests with it will be refused.`,
    );
  }
  const reason = input.text('reason');
  const ended = await api.post<ConsumerSecret>(at`/subscriptions/${subscription.name}/secrets/${secret.id}/end`, {
    revokeTokens: input.flag('revokeTokens'),
    ...(reason !== undefined && { reason }),
  });
  out.json(ended);
  out.line(
    input.flag('revokeTokens') ? 'Its tokens are revoked.' : 'Tokens issued with it stay valid until they expire.',
  );
  out.line(out.style.bold(`Ended: ${secret.name} (${secret.hint}) is refused from now on.`));
  return EXIT.done;
};

/** By id, name or hint; a living secret before an ended one of the same name. */
function findSecret(secrets: readonly ConsumerSecret[], wanted: string): ConsumerSecret | undefined {
  const fitting = secrets.filter(
    ({ id, name, hint }) => id === wanted || name === wanted || hint === wanted || hint === `…${wanted}`,
  );
  return fitting.find(({ state }) => state !== 'ended') ?? fitting[0];
}
