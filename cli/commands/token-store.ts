import { adviceOn } from '#core/model/store-advice';
import type { TokenStoreTest, TokenStoreView } from '#core/model/token-store';
import { assign, parseAssignment } from '../assignment.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf } from '../lookup.ts';
import { fieldTypeOf, nounOf, type Thing } from '../noun.ts';
import { plain } from '../plain.ts';
import { secretValue } from '../secret-input.ts';

/** Kinds that have a password. */
const WITH_PASSWORD = ['redis', 'postgres', 'cassandra'];

/** `gatewright token-store set-secret`: its password, with settings that change together with it. */
export const setStoreSecret: Run = async (session, input) => {
  const { out } = session;
  session.doing = `set the password of the token store ${input.argument(0)}`;
  const assignments = input.rest(1).map(parseAssignment);
  const password = await secretValue(session, input);
  const api = await session.api();
  const noun = nounOf('token-store');
  const { thing, path, place } = await getThing(api, noun, input.argument(0));
  const kind = String(thing.kind);
  if (thing.isConfigured === true)
    throw usageError(`${place} is set in the configuration: its password stands in tokenStore.url.`);
  if (!WITH_PASSWORD.includes(kind)) throw usageError(`${place} is of the kind ${kind}: it has no password.`);
  const patch = assign(thing, assignments, { typeOf: fieldTypeOf(noun), now: session.clock.now() });
  const settings = patch[kind];
  const own = { ...(typeof settings === 'object' && settings !== null ? settings : {}), password };
  out.json(await api.patch<Thing>(path, { ...patch, [kind]: own }, Number(thing.revision)));
  out.line(out.style.dim(`Next: gatewright token-store test ${place}`));
  out.line(out.style.bold(`Set the password of ${place}.`));
  return EXIT.done;
};

/** `gatewright token-store test`: exit 4 when it is not reached. */
export const testStore: Run = async (session, input) => {
  const { out } = session;
  session.doing = `test the token store ${input.argument(0)}`;
  const api = await session.api();
  const { path, place } = await getThing(api, nounOf('token-store'), input.argument(0));
  const { isReached, ms, problem = 'it did not answer', warnings } = await api.post<TokenStoreTest>(`${path}/test`);
  out.json({ isReached, ms, ...(!isReached && { problem, fix: adviceOn(problem) }), warnings });
  for (const warning of warnings) out.warn(plain(warning));
  if (isReached) {
    out.line(out.style.bold(`${place} was reached; a record was written, read and taken away in ${ms} ms.`));
    return EXIT.done;
  }
  out.line(`${plain(problem)} (after ${ms} ms)`);
  out.line(adviceOn(problem));
  out.line(out.style.bold(`${place} cannot be used.`));
  return EXIT.refused;
};

/** `gatewright token-store make-default`. */
export const makeDefaultStore: Run = async (session, input) => {
  const { out } = session;
  session.doing = `make the token store ${input.argument(0)} the default`;
  const api = await session.api();
  const { thing, path, place } = await getThing<TokenStoreView>(api, nounOf('token-store'), input.argument(0));
  if (thing.isDefault) {
    out.json(thing);
    out.line(`${place} is the default already.`);
    return EXIT.done;
  }
  if (thing.health.state === 'away')
    await confirm(session, `${place} does not answer now: nothing could be issued until it does.`);
  const before = (await api.list<TokenStoreView>('/token-stores')).find(({ isDefault }) => isDefault);
  out.json(await api.post<Thing>(`${path}/make-default`));
  out.line('What is new goes there where a policy names no token store. What was issued stays usable where it is.');
  if (before !== undefined)
    out.line(out.style.dim(`Undo with: gatewright token-store make-default ${nameOf({ ...before })}`));
  out.line(out.style.bold(`${place} is the default token store.`));
  return EXIT.done;
};
