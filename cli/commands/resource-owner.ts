import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { dateTime } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, titleOf } from '../lookup.ts';
import { nounOf, type Thing } from '../noun.ts';
import { secretValue } from '../secret-input.ts';
import type { CommandInput, Session } from '../session.ts';

/** What a resource owner allowed a client, as the API has it. */
interface Consent {
  readonly client: string;
  readonly project: string;
  readonly scopes: readonly string[];
  readonly grantedAt: number;
  readonly updatedAt: number;
}

async function ownerOf(session: Session, input: CommandInput) {
  const api = await session.api();
  return { api, ...(await getThing(api, nounOf('resource-owner'), input.argument(0))) };
}

/** `gatewright resource-owner set-password`: the password comes from stdin or a file, never from the command line. */
export const setOwnerPassword: Run = async (session, input) => {
  const { out } = session;
  session.doing = `set the password of ${input.argument(0)}`;
  const password = await secretValue(session, input);
  const { api, path, place } = await ownerOf(session, input);
  const revokeTokens = !input.flag('keepTokens');
  out.json(await api.post<Thing>(`${path}/password`, { password, revokeTokens }));
  out.line(out.style.bold(`Set the password of ${place}${revokeTokens ? '; their tokens are revoked' : ''}.`));
  return EXIT.done;
};

/** `gatewright resource-owner unlock`. */
export const unlockOwner: Run = async (session, input) => {
  const { out } = session;
  session.doing = `unlock ${input.argument(0)}`;
  const { api, path, place } = await ownerOf(session, input);
  out.json(await api.post<Thing>(`${path}/unlock`));
  out.line(out.style.bold(`${place} may try again.`));
  return EXIT.done;
};

/** `gatewright resource-owner consents`. */
export const listConsents: Run = async (session, input) => {
  const { out } = session;
  session.doing = `list what ${input.argument(0)} allowed`;
  const { api, path } = await ownerOf(session, input);
  const items = await api.items<Consent>(`${path}/consents`);
  out.json({ items, total: items.length });
  out.table(
    [
      { title: 'CLIENT', isWhole: true },
      { title: 'PROJECT' },
      { title: 'SCOPES' },
      { title: 'SINCE' },
      { title: 'CHANGED' },
    ],
    items.map(({ client, project, scopes, grantedAt, updatedAt }) => [
      ...[client, project, scopes.join(' ') || '–', dateTime(grantedAt), dateTime(updatedAt)],
    ]),
  );
  if (items.length === 0) out.note('Nothing was allowed yet.');
  return EXIT.done;
};

/** `gatewright resource-owner revoke-consent`. */
export const revokeConsent: Run = async (session, input) => {
  const { out } = session;
  const [client, project] = [input.argument(1), input.argument(2)];
  session.doing = `take back what ${input.argument(0)} allowed ${client}`;
  const { api, thing, path } = await ownerOf(session, input);
  await confirm(session, `${titleOf(thing)} will be asked again, and the tokens of ${client} end for good.`);
  await api.post(`${path}/revoke-consent`, { client, project, ...reasonOf(input) });
  out.json({ client, project });
  out.line(out.style.bold(`${titleOf(thing)} allows ${client} nothing any more.`));
  return EXIT.done;
};

/** `gatewright resource-owner revoke-grants`. */
export const revokeOwnerGrants: Run = async (session, input) => {
  const { out } = session;
  session.doing = `revoke the grants of ${input.argument(0)}`;
  const client = input.text('client');
  const { api, thing, path } = await ownerOf(session, input);
  const whose = client === undefined ? 'all clients' : client;
  await confirm(session, `What ${whose} got from ${titleOf(thing)} ends for good.`);
  const wish = { ...(client !== undefined && { client }), ...reasonOf(input) };
  const done = await api.post<{ revoked: number }>(`${path}/revoke-grants`, wish);
  out.json(done);
  out.line(out.style.bold(`Revoked ${done.revoked} grant${done.revoked === 1 ? '' : 's'} of ${titleOf(thing)}.`));
  return EXIT.done;
};

function reasonOf(input: CommandInput): { readonly reason?: string } {
  const reason = input.text('reason');
  return reason === undefined ? {} : { reason };
}
