import { pathPatternSchema } from '#core/model/resource';

/** What became of an OpenAPI path: a pattern of ours, or why there is none. */
export type PatternResult = { readonly pattern: string } | { readonly reason: string };

/**
 * An OpenAPI path template as a pattern of a resource. Only what routes the same is translated: a parameter within a segment is not widened
 * to the whole segment, since that would take paths that the document does not speak of.
 */
export function pathPatternOf(template: string): PatternResult {
  if (!template.startsWith('/')) return { reason: 'it does not start with /' };
  const path = template.length > 1 && template.endsWith('/') ? template.slice(0, -1) : template;
  const segments = path.split('/').slice(1);
  const partial = segments.find((segment) => /[{}]/.test(segment) && !/^\{[^{}]+\}$/.test(segment));
  if (partial !== undefined)
    return {
      reason: `its segment ${partial.slice(0, 100)} is only in part a parameter, and patterns have whole segments`,
    };
  const names = new Set<string>();
  const pattern = segments
    .map((segment) => (segment.startsWith('{') ? `{${parameterName(segment.slice(1, -1), names)}}` : segment))
    .join('/');
  const checked = pathPatternSchema.safeParse(`/${pattern}`);
  if (!checked.success) return { reason: `as a pattern: ${checked.error.issues[0]?.message ?? 'it is not valid'}` };
  if (segments.at(-1) === '*') return { reason: 'its last segment is a *, which would take every path below' };
  return { pattern: checked.data };
}

/** The shape of a pattern: what it matches whatever its parameters are called. */
export function shapeOf(pattern: string): string {
  return pattern.replace(/\{[^}]*\}/g, '{}');
}

/** Names of ours are letters, digits and _; what a parameter is called changes nothing in routing. */
function parameterName(name: string, taken: Set<string>): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=[^A-Za-z])/, 'p');
  let free = plain === '' ? 'p' : plain;
  for (let i = 2; taken.has(free); i += 1) free = `${plain}_${i}`;
  taken.add(free);
  return free;
}
