import { at } from '../api.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { dateTime } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf, titleOf } from '../lookup.ts';
import { nounOf } from '../noun.ts';

/** `gatewright user password-link`: a link that works once, to be handed to the person. */
export const passwordLink: Run = async (session, input) => {
  const { out } = session;
  session.doing = 'make a password link';
  const api = await session.api();
  const { path, place } = await getThing(api, nounOf('user'), input.argument(0));
  const made = await api.post<{ link: string; endsAt: number }>(`${path}/password-link`);
  out.json(made);
  out.line(made.link);
  out.line(out.style.bold(`With this link ${place} chooses a password: once, until ${dateTime(made.endsAt)}.`));
  return EXIT.done;
};

/** `gatewright user sign-out`. */
export const signOut: Run = async (session, input) => {
  const { out } = session;
  session.doing = 'sign somebody out';
  const api = await session.api();
  const { thing, path, place } = await getThing(api, nounOf('user'), input.argument(0));
  await confirm(session, `All sessions, personal keys and password links of ${titleOf(thing)} will end.`);
  await api.post(`${path}/sign-out`);
  out.json({ signedOut: nameOf(thing) });
  out.line(out.style.bold(`${place} is signed out everywhere.`));
  return EXIT.done;
};

/** `gatewright user unlock`. */
export const unlock: Run = async (session, input) => {
  const { out } = session;
  session.doing = 'unlock somebody';
  const api = await session.api();
  const { thing, place } = await getThing(api, nounOf('user'), input.argument(0));
  const removeSecondFactor = input.flag('removeSecondFactor');
  if (removeSecondFactor) await confirm(session, `${titleOf(thing)} will sign in without a second factor.`);
  out.json(await api.post(at`/users/${nameOf(thing)}/unlock`, { removeSecondFactor }));
  out.line(out.style.bold(`${place} may try again.`));
  return EXIT.done;
};

/** `gatewright admin setup-link`: on the machine itself only. */
export const setupLink: Run = async (session) => {
  const { out } = session;
  session.doing = 'make a setup link';
  const api = await session.api();
  if (api.place.kind !== 'socket')
    throw usageError('A setup link is made on the machine of the server: leave out --server and GATEWRIGHT_SERVER.');
  const made = await api.post<{ link: string }>('/setup/link');
  out.json(made);
  out.line(made.link);
  out.line(out.style.bold('Open it within 24 hours to make the first administrator. It works once.'));
  return EXIT.done;
};
