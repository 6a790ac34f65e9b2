import type { Client } from '#core/model/client';
import type { Subscription } from '#core/model/subscription';
import type { Api } from './api.ts';
import { CliError, usageError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import { getThing } from './lookup.ts';
import { nounOf } from './noun.ts';

/** A client and one of its subscriptions: the one named, or the only one that has not ended. @throws CliError */
export async function chooseSubscription(
  api: Api,
  clientReference: string,
  wanted: string | undefined,
): Promise<{ readonly client: Client; readonly subscription: Subscription }> {
  const { thing: client } = await getThing<Client>(api, nounOf('client'), clientReference);
  const all = await api.list<Subscription>('/subscriptions', { client: client.name });
  const fitting = all.filter((one) =>
    wanted === undefined ? one.state !== 'ended' : one.name === wanted || one.id === wanted || one.product === wanted,
  );
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return { client, subscription: only };
  if (only !== undefined) {
    throw usageError(
      `${client.displayName} has several subscriptions: add --subscription with one of ${fitting.map(({ name }) => name).join(', ')}.`,
    );
  }
  throw new CliError(
    wanted === undefined
      ? `${client.displayName} has no subscription.`
      : `${client.displayName} has no subscription ${wanted}.`,
    {
      exit: EXIT.notFound,
      fixes: [
        {
          text: 'Subscribe it to a product.',
          command: `gatewright subscription create --client ${client.name} --product PRODUCT`,
        },
      ],
    },
  );
}
