// Selectors that are resolved while a request is handled (decision 21): attributes of the whiteboard and parts of the request. Those for variables
// and secrets of a server group (`selector.ts`) are put in before, when a deployment is compiled.

import { ConfigurationError, Refusal } from './errors.ts';
import type { Message } from './message.ts';
import type { WhiteboardValue } from './whiteboard.ts';

/** Resolves a text for one message: a promise only when a part of the request's form is asked for. */
export type CompiledText = (message: Message) => string | Promise<string>;
/** Resolves a value for one message; undefined: a selector alone, and nothing is there. */
export type CompiledValue = (message: Message) => WhiteboardValue | undefined | Promise<WhiteboardValue | undefined>;

/** Largest form that selectors read. */
const FORM_LIMIT_BYTES = 65_536;
/** So that one text cannot multiply what a client sent beyond measure. */
const MAX_SELECTORS = 50;

const NAME = String.raw`[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*`;
/** Header fields are tokens (RFC 9110 §5.1); parameters are named by unreserved characters and brackets. */
const REQUEST = String.raw`request\.(?:header\.[A-Za-z0-9_-]+|(?:query|form)\.[A-Za-z0-9._~\[\]-]+|method|path)`;
const SELECTOR = new RegExp(String.raw`\$\{(${REQUEST}|${NAME})(?::-([^{}$]*))?\}`, 'g');
const GROUP_VALUE = /^(?:variables|secrets)\./;

/** What is wrong with a text whose `${…}` are not all selectors. */
export const WHITEBOARD_SELECTOR_MESSAGE =
  'A dollar sign with a brace begins a selector: $' +
  '{variables.NAME}, $' +
  '{secrets.NAME}, $' +
  '{request.method|path|header.X|query.X|form.X} or the name of an attribute, with $' +
  '{name:-default} for when there is none; at most 50 in one text.';

/** True when every `${` of a text begins a selector, of the whiteboard or of the server group. */
export function hasOnlyWhiteboardSelectors(text: string): boolean {
  const selectors = text.match(SELECTOR) ?? [];
  return (
    !text.replace(SELECTOR, '').includes('${') &&
    selectors.length <= MAX_SELECTORS &&
    selectors.every((selector) => isSelector(selector))
  );
}

/** The names of attributes and parts of the request in every string of a value, each once; not those of variables and secrets. */
export function findWhiteboardNames(value: unknown): string[] {
  const names = new Set<string>();
  const walk = (part: unknown): void => {
    if (typeof part === 'string') {
      for (const [, name = ''] of part.matchAll(SELECTOR)) if (!GROUP_VALUE.test(name)) names.add(name);
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(walk);
  };
  walk(value);
  return [...names];
}

/** Fields of the attributes that are there without any policy's settings; `*`: any below it. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  accesstoken: ['prefix', 'scopes', 'issuedAt', 'expiresAt', 'parameters.*'],
  'authentication.subject.id': [],
  'oauth.client.details': ['clientId', 'name', 'displayName', 'consumerKey', 'subscriptionId'],
  'api.product.name': [],
  'scopes.for.token': [],
  'oauth.requested.scopes': [],
};

/** True for a name that may stand in a selector: of the request, of a known attribute, or at or below one that a policy is set to write. */
export function isKnownName(name: string, written: ReadonlySet<string>): boolean {
  if (name.startsWith('request.')) return true;
  return splits(name).some(({ attribute, field }) => {
    if (written.has(attribute)) return true;
    const fields = Object.hasOwn(KNOWN, attribute) ? KNOWN[attribute] : undefined;
    if (fields === undefined) return false;
    const below = field.join('.');
    return (
      below === '' || fields.some((one) => one === below || (one.endsWith('.*') && below.startsWith(one.slice(0, -1))))
    );
  });
}

/** How a text is compiled. */
export interface TextOptions {
  /** What is done to each value before it is put in, e.g. `encodeURIComponent`. */
  readonly escape?: (value: string) => string;
}

/**
 * Makes the function that puts values in. What is missing without a default becomes nothing; a set or list of strings becomes words with a
 * space between, anything else that is no string its JSON. Values are not read again: a `${` in one stays.
 * @throws ConfigurationError for a `${` that begins no selector
 */
export function compileText(text: string, { escape: escapeValue }: TextOptions = {}): CompiledText {
  if (!text.includes('${')) return () => text;
  const parts = partsOf(text);
  const put = (part: Part, form: URLSearchParams | undefined, message: Message): string => {
    if (typeof part === 'string') return part;
    const value = textOf(part.look(message, form));
    const chosen = value === '' ? (part.fallback ?? '') : value;
    return escapeValue === undefined ? chosen : escapeValue(chosen);
  };
  const join = (message: Message, form?: URLSearchParams): string =>
    parts.map((part) => put(part, form, message)).join('');
  const asksForm = parts.some((part) => typeof part !== 'string' && part.isForm);
  return asksForm ? async (message) => join(message, await readForm(message)) : (message) => join(message);
}

/** Resolves a text once; what is resolved for each request is compiled before ({@link compileText}). */
export async function resolveText(text: string, message: Message): Promise<string> {
  return compileText(text)(message);
}

/**
 * The same for every string in a JSON value. A string that is one selector and nothing else takes the attribute as it is: a number stays a
 * number, a set a set.
 * @throws ConfigurationError for a `${` that begins no selector
 */
export function compileValue(value: WhiteboardValue): CompiledValue {
  if (typeof value === 'string') return compileString(value);
  if (typeof value !== 'object' || value === null || value instanceof Set) return () => value;
  const isList = Array.isArray(value);
  const entries = Object.entries(value).map(([name, item]) => [name, compileValue(item)] as const);
  return async (message) => {
    const resolved: [string, WhiteboardValue][] = [];
    for (const [name, item] of entries) {
      const found = (await item(message)) ?? null;
      resolved.push([name, found]);
    }
    return isList ? resolved.map(([, item]) => item) : Object.fromEntries(resolved);
  };
}

function compileString(text: string): CompiledValue {
  const [part, ...more] = partsOf(text);
  if (part === undefined || typeof part === 'string' || more.length > 0) return compileText(text);
  const choose = (value: unknown): WhiteboardValue | undefined =>
    (value === undefined || value === '') && part.fallback !== undefined ? part.fallback : (value as WhiteboardValue);
  return part.isForm
    ? async (message) => choose(part.look(message, await readForm(message)))
    : (message) => choose(part.look(message, undefined));
}

/** An attribute as text, as {@link compileText} puts it in. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Set) return [...value].join(' ');
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ');
  return JSON.stringify(value);
}

type Part = string | { readonly look: Look; readonly isForm: boolean; readonly fallback: string | undefined };
type Look = (message: Message, form: URLSearchParams | undefined) => unknown;

function partsOf(text: string): Part[] {
  if (!hasOnlyWhiteboardSelectors(text)) throw new ConfigurationError(WHITEBOARD_SELECTOR_MESSAGE);
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(SELECTOR)) {
    const [whole, name = '', fallback] = match;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ look: compileLook(name), isForm: name.startsWith('request.form.'), fallback });
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function compileLook(name: string): Look {
  if (name === 'request.method') return ({ request }) => request.method;
  if (name === 'request.path') return ({ request }) => request.path;
  const [, place, parameter = ''] = /^request\.(header|query|form)\.(.+)$/.exec(name) ?? [];
  switch (place) {
    case 'header': {
      const lowerName = parameter.toLowerCase();
      return ({ request }) => request.headers.all(lowerName).join(', ');
    }
    case 'query':
      return ({ request }) => single(new URLSearchParams(request.query), parameter, 'query');
    case 'form':
      return (_, form) => (form === undefined ? undefined : single(form, parameter, 'form'));
    default:
      return compileAttribute(name);
  }
}

/** The attribute with the longest name, then fields of its value: names of attributes have dots too. */
function compileAttribute(name: string): Look {
  if (GROUP_VALUE.test(name)) throw new ConfigurationError(`$\{${name}} has no value here.`);
  const ways = splits(name);
  return ({ whiteboard }) => {
    for (const { attribute, field } of ways) {
      const value = whiteboard.get(attribute);
      if (value !== undefined) return field.reduce(ownField, value);
    }
    return undefined;
  };
}

function splits(name: string): { readonly attribute: string; readonly field: readonly string[] }[] {
  const segments = name.split('.');
  return segments.map((_, i) => ({
    attribute: segments.slice(0, segments.length - i).join('.'),
    field: segments.slice(segments.length - i),
  }));
}

function ownField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

/** A parameter that comes twice has no one meaning: another reader may take the other one. */
function single(parameters: URLSearchParams, name: string, place: string): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) throw new Refusal('parameter_repeated', { parameter: name, place });
  return values[0];
}

async function readForm(message: Message): Promise<URLSearchParams | undefined> {
  const type = message.request.headers.get('content-type') ?? '';
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'application/x-www-form-urlencoded') return undefined;
  return new URLSearchParams((await message.readBody(FORM_LIMIT_BYTES)).toString('utf8'));
}

function isSelector(selector: string): boolean {
  const name = selector.slice(2, -1).split(':-', 1)[0] ?? '';
  if (name.startsWith('request.')) return /^request\.(?:method|path|(?:header|query|form)\..+)$/.test(name);
  if (name === 'request') return false;
  return !GROUP_VALUE.test(name) || /^(?:variables|secrets)\.[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(name);
}
