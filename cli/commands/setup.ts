import { CliError, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { openSecretDelivery } from '../secret-delivery.ts';

/** `gatewright setup`: the one-time token becomes a management key with the Admin role. */
export const setup: Run = async (session, input) => {
  const { out } = session;
  const given = input.argument(0) === '-' ? (await session.readStdin()).trim() : input.argument(0);
  const { server, token } = parseSetupLink(given);
  session.doing = 'redeem the setup link';
  using delivery = openSecretDelivery(session, input, 'The management key');
  const api = server === undefined ? await session.api() : await session.apiAt(server);
  const name = input.text('name');
  const answer = await api.post<{ key?: string }>('/setup', {
    token,
    ...(name !== undefined && { displayName: name }),
  });
  if (typeof answer.key !== 'string') throw new CliError('The server gave no key.', { code: 'bad_answer' });
  delivery.file?.saveValue(answer.key);
  out.json(delivery.isShown ? answer : { ...answer, key: null });
  if (delivery.isShown) out.line(answer.key);
  if (delivery.file !== undefined) {
    out.line(`Saved to ${delivery.file.path}, readable by you only.`);
    out.line(
      out.style.dim(
        `Use it from elsewhere: GATEWRIGHT_SERVER=${server ?? 'URL'} GATEWRIGHT_TOKEN_FILE=${delivery.file.path}`,
      ),
    );
  }
  out.line(out.style.bold('The setup link is used up.'));
  return EXIT.done;
};

/**
 * Takes a setup link (`…/setup#TOKEN`, `…/setup?token=TOKEN`, `…/setup/TOKEN`) or the bare token apart.
 * @throws CliError (usage) when there is no token in it
 */
export function parseSetupLink(text: string): { readonly server: string | undefined; readonly token: string } {
  if (!/^https?:/.test(text)) {
    if (text === '' || /\s/.test(text))
      throw usageError('That is neither a setup link nor its token. `gatewright start` prints the link.');
    return { server: undefined, token: text };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const fragment = (url?.hash ?? '').replace(/^#(token=)?/, '');
  const last = url?.pathname.split('/').findLast((part) => part !== '' && part !== 'setup') ?? '';
  const token = fragment || url?.searchParams.get('token') || last;
  if (url === undefined || token === '') throw usageError('The setup link has no token in it: copy all of it.');
  return { server: url.origin, token };
}
