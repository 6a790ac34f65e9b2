import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import type { ConsumerKeys } from '#core/model/consumer-key';
import { type Api, at } from './api.ts';
import { CliError, usageError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import { getThing, nameOf } from './lookup.ts';
import { nounOf } from './noun.ts';
import type { CommandInput, Session } from './session.ts';
import type { Credentials } from './token-request.ts';

/**
 * Finds consumer key and secret for a call: the secret from stdin, a file or the environment and never from an argument. undefined when
 * there is no secret: then the call is made without a token.
 */
export async function findCredentials(
  session: Session,
  api: Api,
  input: CommandInput,
): Promise<Credentials | undefined> {
  const client = input.text('as');
  const isFromStdin = input.text('secret') !== undefined;
  const variables = readVariables(session, input.text('envFile'));
  const consumerSecret = isFromStdin ? (await session.readStdin()).trim() : variables.GATEWRIGHT_CONSUMER_SECRET;
  const consumerKey =
    client === undefined
      ? variables.GATEWRIGHT_CONSUMER_KEY
      : await keyOfClient(api, client, variables.GATEWRIGHT_CONSUMER_KEY);
  if (consumerSecret === undefined || consumerSecret === '') return undefined;
  if (consumerKey === undefined || consumerKey === '')
    throw usageError('There is a secret but no consumer key: add --as CLIENT, or set GATEWRIGHT_CONSUMER_KEY.');
  return { consumerKey, consumerSecret };
}

/** `--secret` takes only `-`: arguments are seen by others on the machine. @throws CliError (usage) */
export function refuseSecretArgument(input: CommandInput): void {
  if ((input.text('secret') ?? '-') === '-') return;
  throw usageError(
    'A secret never stands in the arguments, where others can read it. Write --secret - and send it to stdin.',
  );
}

function readVariables(session: Session, file: string | undefined): Readonly<Record<string, string | undefined>> {
  if (file === undefined) return session.env;
  try {
    return parseEnv(readFileSync(path.resolve(session.cwd, file), 'utf8'));
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}.`, {
      exit: EXIT.usage,
      cause: error,
    });
  }
}

/** The consumer key of a client's only subscription with keys, or the one given when it is the client's. */
async function keyOfClient(api: Api, reference: string, given: string | undefined): Promise<string> {
  const { thing } = await getThing(api, nounOf('client'), reference);
  const { items } = await api.get<{ items: ConsumerKeys[] }>(at`/clients/${nameOf(thing)}/keys`);
  const keys = items.flatMap(({ consumerKey }) => (consumerKey === undefined ? [] : [consumerKey]));
  const [only, ...others] = keys;
  if (given !== undefined && keys.includes(given)) return given;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new CliError(`${nameOf(thing)} has no consumer key.`, {
      exit: EXIT.notFound,
      fixes: [
        {
          text: 'Make one for its subscription.',
          command: 'gatewright subscription keys SUBSCRIPTION --generate --out .env',
        },
      ],
    });
  }
  throw usageError(
    `${nameOf(thing)} has several consumer keys: set GATEWRIGHT_CONSUMER_KEY to one of ${keys.join(', ')}.`,
  );
}
