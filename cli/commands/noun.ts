import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Api, at } from '../api.ts';
import { type Assignment, assign, parseAssignment } from '../assignment.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, listPath, nameOf, titleOf } from '../lookup.ts';
import { fieldTypeOf, type Noun, nounOf, type Thing, type Verb } from '../noun.ts';
import { plain } from '../plain.ts';
import { openPolicyFields, policyAssignments } from '../policy-fields.ts';
import { openSecretDelivery } from '../secret-delivery.ts';
import type { CommandInput, Session } from '../session.ts';
import { showThing } from '../thing-view.ts';

/** What carries out a verb of a noun. */
export function nounCommand(noun: Noun, verb: Verb): Run {
  switch (verb) {
    case 'list':
      return (session, input) => list(session, input, noun);
    case 'get':
      return (session, input) => get(session, input, noun);
    case 'create':
      return (session, input) => create(session, input, noun);
    case 'set':
      return (session, input) => set(session, input, noun);
    case 'delete':
      return (session, input) => remove(session, input, noun);
  }
}

async function list(session: Session, input: CommandInput, noun: Noun) {
  const { out } = session;
  session.doing = `list ${noun.plural}`;
  const api = await session.api();
  const base = await listPath(api, noun, input.argument(0));
  const items =
    noun.isShort === true
      ? await api.items<Thing>(base)
      : await api.list<Thing>(base, { q: input.text('q'), sort: input.text('sort') });
  out.json({ items, total: items.length });
  out.table(
    noun.columns,
    items.map((item) => noun.columns.map(({ value }) => value(item))),
  );
  if (items.length === 0)
    out.note(input.text('q') === undefined ? `No ${noun.plural} yet.` : `Nothing matches ${input.text('q')}.`);
  return EXIT.done;
}

async function get(session: Session, input: CommandInput, noun: Noun) {
  session.doing = `show ${noun.word} ${input.argument(0)}`;
  const { thing } = await getThing(await session.api(), noun, input.argument(0));
  session.out.json(thing);
  if (!session.out.isJson) await showThing(session.out, thing);
  return EXIT.done;
}

async function create(session: Session, input: CommandInput, noun: Noun) {
  const { out } = session;
  const isSubscription = noun.word === 'subscription';
  const title = isSubscription ? '' : input.argument(0);
  const assignments = input.rest(isSubscription ? 0 : 1).map(parseAssignment);
  session.doing = `create the ${noun.word.replace('-', ' ')}`;
  // Where its value goes is settled before there is one.
  using delivery = noun.word === 'management-key' ? openSecretDelivery(session, input, 'A management key') : undefined;
  const api = await session.api();
  const [project = '', own] = noun.isNested ? title.split('/', 2) : [''];
  const given = await fileFields(session, input.text('file'));
  const body: Record<string, unknown> = {
    ...(noun.isNested || isSubscription ? {} : { [NAMED_FIRST.includes(noun.word) ? 'name' : 'displayName']: title }),
    ...(own !== undefined && own !== '' && { name: own, ...(noun.word !== 'policy' && { displayName: own }) }),
    ...(isSubscription && (await parties(api, input))),
    ...given,
  };
  Object.assign(body, await createFields(session, api, noun, { body, assignments }));
  const base = await listPath(api, noun, project);
  const made = await api.post<Thing>(base, body);
  if (noun.word === 'management-key') {
    const { managementKey, key } = { managementKey: {} as Thing, key: '', ...made };
    delivery?.file?.saveValue(key);
    out.json(delivery?.isShown === true ? made : { managementKey, key: null });
    if (delivery?.isShown === true) out.line(key);
    if (delivery?.file !== undefined) out.line(`Saved to ${delivery.file.path}, readable by you only.`);
    out.line(out.style.bold(`Created management key ${nameOf(managementKey)}.`));
    return EXIT.done;
  }
  out.json(made);
  if (noun.word === 'project')
    out.line(out.style.dim(`Nothing is live yet. Next: gatewright deploy ${nameOf(made)} --to local`));
  if (isSubscription)
    out.line(out.style.dim(`Next: gatewright subscription keys ${nameOf(made)} --generate --out .env`));
  if (noun.word === 'user' && made.source === 'local')
    out.line(out.style.dim(`Next: gatewright user password-link ${nameOf(made)}`));
  if (noun.word === 'token-store') out.line(out.style.dim(`Next: gatewright token-store test ${nameOf(made)}`));
  if (noun.word === 'resource-owner' && made.directory === 'local' && made.hasPassword !== true)
    out.line(out.style.dim(`Next: gatewright resource-owner set-password ${nameOf(made)} --secret -`));
  const place = noun.isNested ? `${base.split('/')[2]}/${nameOf(made)}` : nameOf(made);
  out.line(out.style.dim(`Undo with: gatewright ${noun.word} delete ${place} --yes`));
  out.line(out.style.bold(`Created ${noun.word} ${place}${noun.isNested ? draftWords : '.'}`));
  return EXIT.done;
}

/** Nouns that are made by the name that they sign in with. */
const NAMED_FIRST = ['user', 'resource-owner'];
const draftWords = ' in the draft; deploy it to make it live.';

async function parties(api: Api, input: CommandInput): Promise<Record<string, string>> {
  const [client, product] = [input.text('client'), input.text('product')];
  const name = async (word: string, reference: string) => nameOf((await getThing(api, nounOf(word), reference)).thing);
  return {
    ...(client !== undefined && { client: await name('client', client) }),
    ...(product !== undefined && { product: await name('product', product) }),
  };
}

async function createFields(
  session: Session,
  api: Api,
  noun: Noun,
  { body, assignments }: { readonly body: Thing; readonly assignments: readonly Assignment[] },
): Promise<Record<string, unknown>> {
  const now = session.clock.now();
  if (noun.word !== 'policy') return assign(body, assignments, { typeOf: fieldTypeOf(noun), now });
  const type =
    assignments.find(({ path: [field] }) => field === 'type')?.text ?? (typeof body.type === 'string' ? body.type : '');
  if (type === '') {
    throw usageError('A policy needs a type: add type=TYPE.', [
      { text: 'See what there is.', command: 'gatewright policy-type list' },
    ]);
  }
  const typeOf = await openPolicyFields(api, type);
  return assign(body, policyAssignments(assignments), { typeOf, now });
}

async function set(session: Session, input: CommandInput, noun: Noun) {
  const { out } = session;
  const assignments = input.rest(1).map(parseAssignment);
  session.doing = `change ${noun.word} ${input.argument(0)}`;
  const api = await session.api();
  const { thing, path: place, place: shown } = await getThing(api, noun, input.argument(0));
  const isPolicy = noun.word === 'policy';
  const patch = assign(thing, isPolicy ? policyAssignments(assignments) : assignments, {
    typeOf: isPolicy ? await openPolicyFields(api, String(thing.type)) : fieldTypeOf(noun),
    now: session.clock.now(),
  });
  // A list of projects may name them as people do.
  if (noun.word === 'product' && Array.isArray(patch.projects))
    patch.projects = await projectNames(api, patch.projects);
  const changed = await api.patch<Thing>(place, patch, Number(thing.revision));
  out.json(changed);
  if (changed.revision === thing.revision) {
    out.line('Nothing changed: it is so already.');
    return EXIT.done;
  }
  const isDraft = noun.isNested || noun.word === 'project';
  const project = shown.split('/')[0] ?? shown;
  if (isDraft) out.line(out.style.dim(`Not live until deployed: gatewright deploy ${project}`));
  out.line(out.style.bold(`Changed ${noun.word} ${shown}${isDraft ? ' in the draft.' : '.'}`));
  return EXIT.done;
}

async function projectNames(api: Api, references: readonly unknown[]): Promise<string[]> {
  const names: string[] = [];
  for (const reference of references)
    names.push(nameOf((await getThing(api, nounOf('project'), String(reference))).thing));
  return names;
}

async function remove(session: Session, input: CommandInput, noun: Noun) {
  const { out } = session;
  session.doing = `delete ${noun.word} ${input.argument(0)}`;
  const api = await session.api();
  const { thing, path: place, place: shown } = await getThing(api, noun, input.argument(0));
  await confirm(
    session,
    `${titleOf(thing)} will be deleted${noun.word === 'client' ? ', with its subscriptions and keys' : ''}.`,
  );
  const isKey = noun.word === 'management-key';
  await api.delete(
    isKey ? at`/management-keys/${String(thing.id)}` : place,
    typeof thing.revision === 'number' ? thing.revision : isKey ? '*' : undefined,
  );
  out.json({ deleted: true, id: thing.id, name: nameOf(thing) });
  out.line(out.style.bold(`Deleted ${noun.word} ${plain(shown)}.`));
  return EXIT.done;
}

async function fileFields(session: Session, file: string | undefined): Promise<Record<string, unknown>> {
  if (file === undefined) return {};
  const text = file === '-' ? await session.readStdin() : await readFile(path.resolve(session.cwd, file), 'utf8');
  const { parse } = await import('yaml');
  const value: unknown = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError(`${file} must hold fields, as "name: value" or as a JSON object.`);
  return { ...value };
}
