import { usageError } from './cli-error.ts';
import { openSecretFile, type SecretFile } from './secret-file.ts';
import type { CommandInput, Session } from './session.ts';

/** How a secret that is shown once reaches its owner. */
export interface SecretDelivery extends Disposable {
  readonly isShown: boolean;
  readonly file: SecretFile | undefined;
}

/**
 * Finds out where a new secret goes, before it is made: it can be read this once only.
 * @throws CliError (usage) when neither --out nor --show was given
 */
export function openSecretDelivery(session: Session, input: CommandInput, what: string): SecretDelivery {
  const out = input.text('out');
  const isShown = input.flag('show');
  if (out === undefined && !isShown) {
    throw usageError(`${what} can be read only once: say where it goes.`, [
      { text: 'Into a file that only you can read: add', command: '--out FILE' },
      { text: 'On the screen: add', command: '--show' },
    ]);
  }
  const file = out === undefined ? undefined : openSecretFile(session.cwd, out);
  return { isShown, file, [Symbol.dispose]: () => file?.[Symbol.dispose]() };
}

/** Hands over a consumer key and its new secret; the key alone for a client that uses none. */
export function deliverKeys(
  session: Session,
  delivery: SecretDelivery,
  keys: { readonly consumerKey: string; readonly consumerSecret?: string | undefined },
): void {
  delivery.file?.saveVariables({
    GATEWRIGHT_CONSUMER_KEY: keys.consumerKey,
    ...(keys.consumerSecret !== undefined && { GATEWRIGHT_CONSUMER_SECRET: keys.consumerSecret }),
  });
  session.out.line(`Consumer key     ${keys.consumerKey}`);
  if (delivery.isShown && keys.consumerSecret !== undefined)
    session.out.line(`Consumer secret  ${keys.consumerSecret}`);
  if (delivery.file !== undefined) session.out.line(`Saved to ${delivery.file.path}, readable by you only.`);
}
