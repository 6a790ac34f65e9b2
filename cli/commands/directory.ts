import type { DirectoryCheck } from '#core/model/directory';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf, type Thing } from '../noun.ts';
import { secretValue } from '../secret-input.ts';

/** `gatewright directory set-secret`: what the manager shows to the directory's server. */
export const setDirectorySecret: Run = async (session, input) => {
  const { out } = session;
  session.doing = `set the secret of the directory ${input.argument(0)}`;
  const secret = await secretValue(session, input);
  const api = await session.api();
  const { thing, path, place } = await getThing(api, nounOf('directory'), input.argument(0));
  if (thing.kind === 'local') throw usageError(`${place} is a local directory: it has no server.`);
  const body = thing.kind === 'ldap' ? { ldap: { bindPassword: secret } } : { oidc: { clientSecret: secret } };
  out.json(await api.patch<Thing>(path, body, Number(thing.revision)));
  out.line(out.style.bold(`Set the secret of ${place}.`));
  return EXIT.done;
};

/** `gatewright directory check`. */
export const checkDirectory: Run = async (session, input) => {
  const { out } = session;
  session.doing = `check the directory ${input.argument(0)}`;
  const username = input.text('user');
  const api = await session.api();
  const { path, place } = await getThing(api, nounOf('directory'), input.argument(0));
  const found = await api.post<DirectoryCheck>(`${path}/check`, { ...(username !== undefined && { username }) });
  out.json(found);
  const { person, problem } = found;
  if (person !== undefined) out.line(`${person.name}  ${person.displayName}  ${person.email}  ${person.id}`);
  else if (username !== undefined && found.isReached) out.line(`It knows nobody by the name ${username}.`);
  const words = found.isReached ? `${place} can be used, after ${found.ms} ms.` : `${place} cannot be used: ${problem}`;
  out.line(out.style.bold(words));
  return found.isReached ? EXIT.done : EXIT.refused;
};
