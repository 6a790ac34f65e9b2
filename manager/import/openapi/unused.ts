import type { Way } from '../document/place.ts';
import { type Fields, type Findings, fieldsOf } from './reading.ts';
import { outsideMessage } from './reference.ts';

/** What stands below these is data or an extension, not part of the description. */
const OPAQUE = new Set(['example', 'examples', 'default', 'enum', 'const']);
/** Below these the keys are names that somebody chose. */
const NAMED = new Set([
  'properties',
  'patternProperties',
  'schemas',
  '$defs',
  'definitions',
  'paths',
  'responses',
  'headers',
]);

const WORDS = {
  callbacks: 'Callbacks are calls that the target makes itself; they do not pass the gateway.',
  webhooks: 'Webhooks are calls that the target makes itself; they do not pass the gateway.',
  links: 'Links describe answers; the gateway passes answers on as they are.',
  xml: 'XML hints describe bodies; the gateway passes bodies on as they are.',
  schemas: 'Requests and answers are not checked against their schemas.',
  parameters: 'Parameters are not checked; they are passed on as they are sent.',
  servers: 'Servers of a path or an operation are not used: every resource has the target of the project.',
  trace: 'TRACE is never passed on: it would send the caller its credentials back.',
  extensions: 'Extensions (x-…) mean something to other programs only.',
} as const;

/** Walks a document and notes what nothing is made of. Never silently dropped (`console.md` §5, journey 6). */
export function noteUnused(top: Fields, findings: Findings): void {
  if (top.webhooks !== undefined) findings.skip('webhooks', ['webhooks'], WORDS.webhooks);
  walk(top, [], findings);
}

function walk(value: unknown, way: Way, findings: Findings): void {
  if (Array.isArray(value)) {
    value.forEach((item, i) => void walk(item, [...way, String(i)], findings));
    return;
  }
  const fields = fieldsOf(value);
  if (fields === undefined) return;
  const parent = way.at(-1) ?? '';
  const areKeysNames = NAMED.has(parent) && !NAMED.has(way.at(-2) ?? '');
  for (const [key, inner] of Object.entries(fields)) {
    const place = [...way, key];
    if (!areKeysNames) {
      if (key.startsWith('x-')) {
        findings.skip('extensions', place, WORDS.extensions);
        continue;
      }
      if (OPAQUE.has(key)) continue;
      note(key, inner, place, findings);
    }
    walk(inner, place, findings);
  }
}

function note(key: string, inner: unknown, place: Way, findings: Findings): void {
  if (key === '$ref' && typeof inner === 'string' && !inner.startsWith('#') && !isFollowed(place))
    findings.skip(
      'references',
      place,
      `${outsideMessage(inner).split('. ')[0]}. Nothing of what is behind is needed here.`,
    );
  else if (key === 'callbacks' || key === 'links') findings.skip(key, place, WORDS[key]);
  else if (key === 'xml' && fieldsOf(inner) !== undefined) findings.skip('xml', place, WORDS.xml);
  else if (key === 'schemas' || (key === 'schema' && !place.includes('components')))
    findings.skip('schemas', place, WORDS.schemas);
  else if (key === 'parameters' && Array.isArray(inner)) findings.skip('parameters', place, WORDS.parameters);
  else if (key === 'servers' && place.length > 1) findings.skip('servers', place, WORDS.servers);
  else if (key === 'trace' && place[0] === 'paths' && place.length === 3) findings.skip('trace', place, WORDS.trace);
}

/** References that have to be followed are problems when they cannot be: those of path items and security schemes. */
function isFollowed(way: Way): boolean {
  return (way[0] === 'paths' && way.length === 3) || (way[1] === 'securitySchemes' && way.length === 4);
}
