import type { Thing } from '../noun.ts';
import { type FileKind, fileFields } from './layout.ts';
import { yamlText } from './yaml-merge.ts';

/** By this line editors find the schema of a file. */
const SCHEMA_LINE = '# yaml-language-server: $schema=';

/**
 * The text of a thing's file: the same for the same thing; over an earlier text its comments stay.
 * @param schema path of the kind's JSON Schema, seen from the file; named at the top unless the file names one already
 */
export function fileText(kind: FileKind, thing: Thing, before: string | undefined, schema?: string): string {
  const text = fieldsText(kind, thing, before);
  return schema === undefined || text.includes(SCHEMA_LINE) ? text : `${SCHEMA_LINE}${schema}\n${text}`;
}

function fieldsText(kind: FileKind, thing: Thing, before: string | undefined): string {
  const fields = fileFields(kind, thing);
  const written = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (name === 'endpoints') {
      const endpoints = shortEndpoints(value);
      return endpoints === undefined ? [] : [[name, endpoints]];
    }
    if (name === 'config') return [[name, sorted(value)]];
    // No scopes and all scopes are two things for a subscription; elsewhere nothing is what leaving out means.
    const isNothing = value === '' || (Array.isArray(value) && value.length === 0 && kind.word !== 'subscription');
    return isNothing ? [] : [[name, value]];
  });
  return yamlText(Object.fromEntries(written), before);
}

/** Endpoints with something attached; `enabled` only when it is off. */
function shortEndpoints(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const used = Object.entries(value).filter(([, attached]) => Array.isArray(attached) && attached.length > 0);
  if (used.length === 0) return undefined;
  return Object.fromEntries(
    used.map(([phase, attached]) => [phase, Array.isArray(attached) ? attached.map(shortAttachment) : attached]),
  );
}

function shortAttachment(attachment: unknown): unknown {
  if (typeof attachment !== 'object' || attachment === null || !('policy' in attachment)) return attachment;
  return 'enabled' in attachment && attachment.enabled === false
    ? { policy: attachment.policy, enabled: false }
    : { policy: attachment.policy };
}

/** Settings in the order of their names, inside too: the order in which they were set says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
