import type { GroupVariable } from '#core/model/server-group';
import { at } from '../api.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { dateTime } from '../duration.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { secretValue } from '../secret-input.ts';
import type { CommandInput, Session } from '../session.ts';

async function groupOf(session: Session, input: CommandInput) {
  const api = await session.api();
  const { thing } = await getThing(api, nounOf('group'), input.argument(0));
  return { api, group: nameOf(thing) };
}

/** `gatewright group variables`: values of secrets are not shown to anybody. */
export const listVariables: Run = async (session, input) => {
  const { out } = session;
  session.doing = `list the variables of ${input.argument(0)}`;
  const { api, group } = await groupOf(session, input);
  const items = await api.items<GroupVariable>(at`/server-groups/${group}/variables`);
  out.json({ items, total: items.length });
  out.table(
    [
      { title: 'NAME', isWhole: true },
      { title: 'VALUE' },
      { title: 'IN SETTINGS' },
      { title: 'CHANGED' },
      { title: 'BY' },
    ],
    items.map(({ name, value, selector, updatedAt, updatedBy }) => [
      ...[name, value ?? '(secret)', selector, dateTime(updatedAt), updatedBy],
    ]),
  );
  if (items.length === 0) out.note('No variables yet.');
  return EXIT.done;
};

/** `gatewright group set-variable <group> name=value`. */
export const setVariable: Run = async (session, input) => {
  const assignment = input.argument(1);
  const cut = assignment.indexOf('=');
  if (cut <= 0) throw usageError(`"${assignment}" is no assignment. Write name=value.`);
  const name = assignment.slice(0, cut);
  session.doing = `set ${name} of ${input.argument(0)}`;
  const { api, group } = await groupOf(session, input);
  await put(session, { api, group, name, body: { value: assignment.slice(cut + 1) } });
  return EXIT.done;
};

/** `gatewright group set-secret <group> <name> --secret -`: the value comes from stdin or a file, never from the command line. */
export const setSecret: Run = async (session, input) => {
  const name = input.argument(1);
  session.doing = `set the secret ${name} of ${input.argument(0)}`;
  const value = await secretValue(session, input);
  const { api, group } = await groupOf(session, input);
  await put(session, { api, group, name, body: { value, secret: true } });
  return EXIT.done;
};

/** `gatewright group unset <group> <name>`. */
export const unsetVariable: Run = async (session, input) => {
  const name = input.argument(1);
  session.doing = `unset ${name} of ${input.argument(0)}`;
  const { api, group } = await groupOf(session, input);
  await confirm(session, `${name} of ${group} is gone; policies that use it can no longer be deployed there.`);
  await api.delete(at`/server-groups/${group}/variables/${name}`, undefined);
  session.out.json({ group, name });
  session.out.line(session.out.style.bold(`Unset ${name} of ${group}.`));
  return EXIT.done;
};

async function put(
  { out }: Session,
  wish: { api: Awaited<ReturnType<Session['api']>>; group: string; name: string; body: object },
): Promise<void> {
  const { api, group, name, body } = wish;
  const set = await api.put<GroupVariable>(at`/server-groups/${group}/variables/${name}`, body, '*');
  out.json(set);
  out.line(`Policy settings refer to it by ${set.selector}`);
  out.line(out.style.bold(`Set ${name} of ${group}.`));
}
