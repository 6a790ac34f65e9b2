import { validate } from '@scalar/openapi-parser';
import { MOST_PROBLEMS, type Way, wayOf, wordsOf } from '../document/place.ts';
import { type Fields, type Findings, fieldsOf } from './reading.ts';

/** What a reader of the message should know beside "is missing". */
const NEEDED: Readonly<Record<string, string>> = {
  responses: 'Every operation needs at least one response.',
  description: 'A short text will do.',
  title: 'The document needs a title.',
  paths: 'A document needs paths.',
  in: 'Say where the parameter is: path, query, header or cookie.',
};

/**
 * Checks a document against its OpenAPI version, offline. The library's words become ours, each with the way to the value.
 * @param top changed by the library: read everything else before
 */
export async function validateDocument(top: Fields, findings: Findings): Promise<void> {
  const told = new Set<string>();
  const tell = (way: Way, message: string): void => {
    const key = way.join('\n');
    if (told.has(key) || told.size >= MOST_PROBLEMS) return;
    told.add(key);
    findings.problem(way, message);
  };
  checkResponses(top, tell);
  for (const { message, path } of await errorsOf(top)) {
    const way = typeof path === 'string' ? wayOf(path) : (path ?? []).map(String);
    const told = wordsFor(message, way);
    if (told !== undefined) tell(told.way, told.message);
  }
}

interface LibraryError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly path?: string | readonly unknown[] | undefined;
}

async function errorsOf(top: Fields): Promise<readonly LibraryError[]> {
  const errors = await validated({ ...top });
  // The library follows every reference by recursion; schemas that refer to each other a thousand deep are too much for it.
  if (!errors.some(({ message }) => /call stack/.test(message))) return errors;
  const { components: _, ...rest } = top;
  return (await validated({ ...rest, paths: withoutSchemas(rest.paths, 0) })).filter(
    ({ message }) => !/call stack/.test(message),
  );
}

async function validated(top: Record<string, unknown>): Promise<readonly LibraryError[]> {
  try {
    const result = await validate(structuredClone(top));
    // References that lead outside were told of already, those to schemas change nothing here.
    return (result.errors ?? []).filter(({ code }: LibraryError) => code !== 'EXTERNAL_REFERENCE_NOT_FOUND');
  } catch (error) {
    return [{ message: error instanceof Error ? error.message : String(error) }];
  }
}

/** Without schemas, and without references into what is left out. */
function withoutSchemas(value: unknown, depth: number): unknown {
  if (depth > 20) return {};
  if (Array.isArray(value))
    return value.flatMap((item) => (isReference(item) ? [] : [withoutSchemas(item, depth + 1)]));
  const fields = fieldsOf(value);
  if (fields === undefined) return value;
  return Object.fromEntries(
    Object.entries(fields).map(([key, inner]) => [
      key,
      key === 'schema' ? {} : isReference(inner) ? { description: '' } : withoutSchemas(inner, depth + 1),
    ]),
  );
}

function isReference(value: unknown): boolean {
  return typeof fieldsOf(value)?.$ref === 'string';
}

/** OpenAPI 3.1 lets an operation be without responses; one that says nothing of its answers is nearly always a file cut short. */
function checkResponses(top: Fields, tell: (way: Way, message: string) => void): void {
  for (const [path, item] of Object.entries(fieldsOf(top.paths) ?? {})) {
    for (const method of ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']) {
      const operation = fieldsOf(fieldsOf(item)?.[method]);
      if (operation === undefined) continue;
      const way = ['paths', path, method, 'responses'];
      const { responses } = operation;
      const isEmpty = fieldsOf(responses) !== undefined && Object.keys(responses as object).length === 0;
      if (responses === undefined || isEmpty)
        tell(way, `${wordsOf(way)} is ${isEmpty ? 'empty' : 'missing'}. ${NEEDED.responses}`);
    }
  }
}

interface Told {
  readonly way: Way;
  readonly message: string;
}

/** A message of the library in our words; undefined: told of by others, or of no use. */
function wordsFor(message: string, way: Way): Told | undefined {
  const missing = /required property '([^']*)'/.exec(message)?.[1];
  if (missing !== undefined) {
    const place = [...way, missing];
    const needed = NEEDED[missing];
    return { way: place, message: `${wordsOf(place)} is missing.${needed === undefined ? '' : ` ${needed}`}` };
  }
  const unexpected = /^Property (.+) is not expected to be here/.exec(message)?.[1];
  if (unexpected !== undefined) {
    const place = [...way, unexpected];
    const isPath = way.length === 1 && way[0] === 'paths';
    return { way: place, message: `${wordsOf(place)} is not expected here.${isPath ? ' A path starts with /.' : ''}` };
  }
  const type = /^type must be (.+)$/.exec(message)?.[1];
  if (type !== undefined) return { way, message: `${wordsOf(way)} has to be of type ${type}.` };
  const reference = /^Can't resolve reference: (.+)$/.exec(message)?.[1];
  if (reference !== undefined) return { way, message: `${reference.slice(0, 200)} leads to nothing in this document.` };
  if (/minProperties/.test(message)) return { way, message: `${wordsOf(way)} is empty.` };
  if (/^(?:must match|oneOf|anyOf|allOf|if must)/.test(message) && way.length === 0) return undefined;
  return { way, message: `${wordsOf(way)}: ${message.slice(0, 300)}${/[.!?]$/.test(message) ? '' : '.'}` };
}
