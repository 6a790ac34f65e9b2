import type { ConsumerKeys, NewSecret } from '#core/model/consumer-key';
import { at } from '../api.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { parseMoment } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { deliverKeys, openSecretDelivery } from '../secret-delivery.ts';
import { showSecrets } from '../secrets-view.ts';

/** `gatewright subscription keys`: shows them, or makes a key and secret. */
export const subscriptionKeys: Run = async (session, input) => {
  const { out, clock } = session;
  const isNew = input.flag('generate');
  if (!isNew && ['name', 'ends', 'out'].some((option) => input.text(option) !== undefined)) {
    throw usageError('--name, --ends and --out belong to a new secret: add --generate.');
  }
  session.doing = `${isNew ? 'generate' : 'show'} the keys of ${input.argument(0)}`;
  using delivery = isNew ? openSecretDelivery(session, input, 'The new secret') : undefined;
  const api = await session.api();
  const { thing } = await getThing(api, nounOf('subscription'), input.argument(0));
  const path = at`/subscriptions/${nameOf(thing)}/keys`;
  if (delivery === undefined) {
    const keys = await api.get<ConsumerKeys>(path);
    out.json(keys);
    showSecrets(out, [keys]);
    if (keys.secrets.length === 0)
      out.note(out.style.dim(`Make one: gatewright subscription keys ${nameOf(thing)} --generate --out .env`));
    return EXIT.done;
  }
  const [name, ends] = [input.text('name'), input.text('ends')];
  const made = await api.post<NewSecret>(path, {
    ...(name !== undefined && { name }),
    ...(ends !== undefined && { endsAt: parseMoment(ends, clock.now()) }),
  });
  deliverKeys(session, delivery, made);
  out.json(delivery.isShown ? made : { ...made, consumerSecret: null });
  if (made.secret === undefined) {
    out.line(out.style.bold(`Made the consumer key of ${made.subscription}. Its client uses no secret.`));
    return EXIT.done;
  }
  if (made.secret.kept === 'encrypted')
    out.line('It is kept encrypted, not hashed: client_secret_jwt needs it in readable form.');
  out.line(
    out.style.dim(
      `Undo with: gatewright client end-secret ${made.client} ${made.secret.name} --subscription ${made.subscription}`,
    ),
  );
  out.line(out.style.bold(`Made secret ${made.secret.name} of ${made.subscription}.`));
  return EXIT.done;
};
