import { hostname } from 'node:os';
import { slugOf } from '#core/model/name';
import type { Whoami } from '#core/model/user';
import { at, createApi } from '../api.ts';
import { CliError, QuietExit, usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { dateTime, parseMoment } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { roleText } from '../noun.ts';
import { plain } from '../plain.ts';
import { forgetKey, readSavedKey, saveKey } from '../saved-key.ts';
import type { ServerPlace } from '../server-place.ts';
import type { CommandInput, Session } from '../session.ts';
import { needsCode, type SignedIn, signIn } from '../sign-in.ts';

const DEFAULT_END = '90d';

/** `gatewright login`: a personal key for a server elsewhere, kept in the user's configuration folder. */
export const login: Run = async (session, input) => {
  const { out, env } = session;
  session.doing = 'sign in';
  const api = await session.api();
  const place = elsewhere(api.place);
  const now = session.clock.now();
  const endsAt = parseMoment(input.text('ends') ?? DEFAULT_END, now);
  const signedIn = await enter(session, input, place);
  try {
    const host = hostname().slice(0, 40);
    const displayName = `CLI on ${host}`.replace(/[^\p{L}\p{N} ._-]/gu, '-').replace(/[ ]+$/, '');
    const name = `${slugOf(`cli-${signedIn.user}-${host}`).slice(0, 50)}-${now.toString(36)}`;
    const wish = { displayName, name, roles: signedIn.roles, endsAt, owner: 'self' };
    const { key } = await signedIn.post<{ key: string }>('/management-keys', wish);
    const server = place.url.origin;
    const before = readSavedKey(env, server);
    const file = saveKey(env, { server, user: signedIn.user, keyName: name, key, endsAt });
    // What an earlier login left is of no use any more; where it ended by itself there is nothing to end.
    if (before?.user === signedIn.user) await endKey(server, before.key, before.keyName);
    out.json({ server, user: signedIn.user, roles: signedIn.roles, key: name, endsAt });
    out.line(`The key is in ${file}, readable by you only, until ${dateTime(endsAt)}.`);
    if (env.GATEWRIGHT_SERVER !== server)
      out.line(out.style.dim(`Next: GATEWRIGHT_SERVER=${server} gatewright status`));
    out.line(out.style.bold(`Signed in to ${server} as ${signedIn.user}.`));
  } finally {
    await signedIn.end();
  }
  return EXIT.done;
};

/** `gatewright logout`: ends the key of `login` at the server and forgets it here. */
export const logout: Run = async (session) => {
  session.doing = 'sign out';
  const place = elsewhere((await session.api()).place);
  const server = place.url.origin;
  const saved = readSavedKey(session.env, server);
  if (saved !== undefined) {
    await endKey(server, saved.key, saved.keyName);
    forgetKey(session.env, server);
  }
  session.out.json({ server, signedOut: saved !== undefined });
  session.out.line(
    session.out.style.bold(saved === undefined ? `You were not signed in to ${server}.` : `Signed out of ${server}.`),
  );
  return EXIT.done;
};

/** `gatewright whoami`: who calls, as the server sees it. */
export const whoami: Run = async (session) => {
  session.doing = 'ask who you are';
  const { out } = session;
  const answer = await (await session.api()).get<Whoami>('/whoami');
  out.json(answer);
  out.line(plain(answer.name));
  out.line(`Roles  ${answer.roles.map(roleText).join(', ')}`);
  if (answer.key !== undefined) {
    const end = answer.key.endsAt === undefined ? 'without an end' : `until ${dateTime(answer.key.endsAt)}`;
    out.line(`Key    ${plain(answer.key.name)}, ${end}`);
  }
  return EXIT.done;
};

function elsewhere(place: ServerPlace): ServerPlace & { readonly kind: 'url' } {
  if (place.kind === 'url') return place;
  throw usageError('On the machine of the server nobody signs in. Name one elsewhere: --server URL.');
}

/** Asks for what is not given, on a terminal only. */
async function enter(session: Session, input: CommandInput, place: ServerPlace & { kind: 'url' }): Promise<SignedIn> {
  const isPiped = input.flag('passwordStdin');
  const [password, code] = isPiped ? (await session.readStdin()).split(/\r?\n/) : [];
  const name = input.text('name') ?? (await ask(session, 'text', 'User name', 'Add --name.'));
  const given = {
    name,
    password: password ?? (await ask(session, 'password', 'Password', 'Add --password-stdin and send it to stdin.')),
    ...(code !== undefined && code !== '' && { code }),
  };
  try {
    return await signIn(place, given);
  } catch (error) {
    if (!(error instanceof CliError) || !needsCode(error) || given.code !== undefined) throw error;
    const asked = await ask(
      session,
      'text',
      'Code of your authenticator app',
      'Send the code as second line to stdin.',
    );
    return signIn(place, { ...given, code: asked });
  }
}

async function ask(session: Session, kind: 'text' | 'password', message: string, otherwise: string): Promise<string> {
  if (!session.isInteractive) throw usageError(`${message}: there is nobody to ask. ${otherwise}`);
  const prompts = await import('@clack/prompts');
  const answer = await prompts[kind]({ message });
  if (prompts.isCancel(answer)) throw new QuietExit(EXIT.unexpected);
  return answer;
}

/** Ends a key with itself. One that the server does not know any more has ended. */
async function endKey(server: string, key: string, name: string): Promise<void> {
  try {
    await createApi({ kind: 'url', url: new URL(server), token: key }).delete(at`/management-keys/${name}`, undefined);
  } catch (error) {
    if (!(error instanceof CliError) || ![401, 404].includes(error.status ?? 0)) throw error;
  }
}
