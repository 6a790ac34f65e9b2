// Selectors in settings of policies (decision 21): `${variables.NAME}` and `${secrets.NAME}` stand for what a server group says. They are put
// in when a deployment is compiled on a gateway, never anywhere else.

/** Where a selector looks. */
export type SelectorKind = 'variables' | 'secrets';

/** One selector: `${kind.name}`. */
export interface Selector {
  readonly kind: SelectorKind;
  readonly name: string;
}

const WELL_FORMED = /\$\{(variables|secrets)\.([a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?)\}/g;

/** What is wrong with a text whose `${…}` are not all selectors. */
export const SELECTOR_MESSAGE =
  'A dollar sign with a brace begins a selector: write $' + '{variables.NAME} or $' + '{secrets.NAME}.';

/** A selector as it is written. */
export function selectorText({ kind, name }: Selector): string {
  return `\${${kind}.${name}}`;
}

/** True when every `${` of a text begins a selector. */
export function hasOnlySelectors(text: string): boolean {
  return !text.replace(WELL_FORMED, '').includes('${');
}

/** The selectors in every string of a value, each once, in the order of their writing. */
export function findSelectors(value: unknown): Selector[] {
  const found = new Map<string, Selector>();
  walk(value, (text) => {
    for (const [whole, kind, name] of text.matchAll(WELL_FORMED)) found.set(whole, selectorOf(kind, name));
    return text;
  });
  return [...found.values()];
}

/** The value with every selector replaced, strings within lists and objects too. Keys stay; what is put in is not read again. */
export function resolveSelectors(value: unknown, lookUp: (selector: Selector) => string): unknown {
  return walk(value, (text) =>
    text.includes('${')
      ? text.replace(WELL_FORMED, (_, kind: string, name: string) => lookUp(selectorOf(kind, name)))
      : text,
  );
}

function selectorOf(kind: string | undefined, name: string | undefined): Selector {
  return { kind: kind === 'secrets' ? 'secrets' : 'variables', name: name ?? '' };
}

function walk(value: unknown, onText: (text: string) => string): unknown {
  if (typeof value === 'string') return onText(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, onText));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, onText)]));
}
