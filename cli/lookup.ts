import { type Api, at, type Page } from './api.ts';
import { CliError, usageError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import { nearest } from './nearest.ts';
import { type Noun, nounOf, type Thing } from './noun.ts';

/** Something that was found by a reference. */
export interface Found<Body = Thing> {
  readonly noun: Noun;
  readonly thing: Body;
  /** Its path in the API. */
  readonly path: string;
  /** Its place for people: `orders-api`, or `orders-api/quota`. */
  readonly place: string;
}

/** Splits `project/policy`. @throws CliError (usage) when a part is missing */
function splitReference(noun: Noun, reference: string): { readonly project: string; readonly own: string } {
  const cut = reference.indexOf('/');
  const [project, own] = [reference.slice(0, cut), reference.slice(cut + 1)];
  if (cut <= 0 || own === '') throw usageError(`"${reference}" names no ${noun.word}. Write project/${noun.word}.`);
  return { project, own };
}

/** The path of a noun's list. For a nested one `project` is resolved first. */
export async function listPath(api: Api, noun: Noun, project: string): Promise<string> {
  if (!noun.isNested) return noun.path;
  const { thing } = await getThing(api, nounOf('project'), project);
  return at`/projects/${nameOf(thing)}` + noun.path;
}

/**
 * Finds a thing by name, id or display name.
 * @throws CliError (not found) with the nearest name
 */
export async function getThing<Body = Thing>(api: Api, noun: Noun, reference: string): Promise<Found<Body>> {
  if (reference === '') throw usageError(`Name a ${noun.word}.`);
  const { project, own } = noun.isNested ? splitReference(noun, reference) : { project: '', own: reference };
  if (!noun.isNested && own.includes('/')) throw notFound(noun, own, undefined);
  const base = await listPath(api, noun, project);
  const thing = await find(api, noun, { base, reference: own });
  if (thing === undefined) throw notFound(noun, own, await suggestion(api, noun, { base, reference: own }));
  const name = nameOf(thing);
  const place = noun.isNested ? `${base.split('/')[2] ?? project}/${name}` : name;
  // Several directories may have a resource owner of one name.
  const key = noun.word === 'resource-owner' ? String(thing.id) : name;
  return { noun, thing: thing as Body, path: base + at`/${key}`, place };
}

/** A thing's name; ids never change either, but names are what people read. */
export function nameOf(thing: Thing): string {
  return String(thing.name ?? thing.id ?? '');
}

/** A thing's display name, or its name. */
export function titleOf(thing: Thing): string {
  return typeof thing.displayName === 'string' && thing.displayName !== '' ? thing.displayName : nameOf(thing);
}

interface Search {
  readonly base: string;
  readonly reference: string;
}

/** By name or id, then by what the list has. Some nouns are only in their list. */
async function find(api: Api, noun: Noun, { base, reference }: Search): Promise<Thing | undefined> {
  if (noun.isShort === true) return fitting(await api.items<Thing>(base), reference);
  const direct = noun.word === 'management-key' ? undefined : await api.find<Thing>(base + at`/${reference}`);
  if (direct !== undefined) return direct;
  const { items } = await api.get<Page<Thing>>(base, { q: reference, limit: 50 });
  return fitting(items, reference);
}

/** The one with this name, id or display name, in any case of letters; two that fit are none. */
function fitting(items: readonly Thing[], reference: string): Thing | undefined {
  const wanted = reference.toLowerCase();
  const found = items.filter(({ id, name, displayName }) =>
    [id, name, displayName].some((value) => typeof value === 'string' && value.toLowerCase() === wanted),
  );
  return found.length === 1 ? found[0] : undefined;
}

async function suggestion(api: Api, noun: Noun, { base, reference }: Search): Promise<string | undefined> {
  const items =
    noun.isShort === true ? await api.items<Thing>(base) : (await api.get<Page<Thing>>(base, { limit: 200 })).items;
  return nearest(
    reference,
    items.flatMap((item) => [nameOf(item), titleOf(item)]),
  );
}

function notFound(noun: Noun, reference: string, near: string | undefined): CliError {
  return new CliError(`There is no ${noun.word.replace('-', ' ')} ${reference}.`, {
    exit: EXIT.notFound,
    lines: near === undefined ? [] : [`Did you mean ${near}?`],
    fixes: [{ text: 'See what there is.', command: `gatewright ${noun.word} list${noun.isNested ? ' PROJECT' : ''}` }],
  });
}
