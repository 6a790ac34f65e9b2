import { isDeepStrictEqual } from 'node:util';
import { TIME_UNITS } from '#core/model/period';
import { usageError } from './cli-error.ts';
import { parseDuration, parseMoment } from './duration.ts';
import { type FieldType, roleText } from './noun.ts';

const PLAN = new RegExp(String.raw`^(\d+)/(\d*) ?(${TIME_UNITS.join('|')})s?$`);

/** `field=value`, taken apart. */
export interface Assignment {
  /** `clientCredentialsIn.body` → its parts. */
  readonly path: readonly [string, ...string[]];
  readonly operator: '=' | '+=' | '-=';
  readonly text: string;
}

/** Gives the type of a field by its path, or undefined when it is not known. */
export type TypeOf = (path: readonly string[]) => FieldType | undefined;

/** Takes `field=value`, `field+=value` or `field-=value` apart. @throws CliError (usage) */
export function parseAssignment(text: string): Assignment {
  const match = /^([A-Za-z][^=\s]*?)(\+=|-=|=)(.*)$/s.exec(text);
  const [first, ...further] = (match?.[1] ?? '').split('.');
  const operator = match?.[2];
  if (
    match === null ||
    first === undefined ||
    first === '' ||
    further.includes('') ||
    (operator !== '=' && operator !== '+=' && operator !== '-=')
  ) {
    throw usageError(`"${text}" is no assignment. Write field=value, field+=value or field-=value.`);
  }
  return { path: [first, ...further], operator, text: match[3] ?? '' };
}

/**
 * The top-level fields that assignments change, whole: what a patch takes. `now` is for times like 30d.
 * @throws CliError (usage) for a value that does not fit its field
 */
export function assign(
  current: Readonly<Record<string, unknown>>,
  assignments: readonly Assignment[],
  { typeOf, now }: { readonly typeOf: TypeOf; readonly now: number },
): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const assignment of assignments) {
    const [field] = assignment.path;
    const before = field in changed ? changed[field] : current[field];
    changed[field] = place(before, assignment.path.slice(1), (value) =>
      next(value, assignment, typeOf(assignment.path), now),
    );
  }
  return changed;
}

function place(value: unknown, path: readonly string[], change: (value: unknown) => unknown): unknown {
  const [step, ...further] = path;
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!Number.isInteger(index) || index < 0 || index > value.length)
      throw usageError(`There is no item ${step}: the list has ${value.length}, from 0.`);
    const items: unknown[] = value;
    return items.toSpliced(index, 1, place(items[index], further, change));
  }
  const object = typeof value === 'object' && value !== null ? value : {};
  return { ...object, [step]: place(Object.entries(object).find(([name]) => name === step)?.[1], further, change) };
}

function next(
  before: unknown,
  { operator, text, path }: Assignment,
  type: FieldType | undefined,
  now: number,
): unknown {
  const field = path.join('.');
  if (operator === '=') return parseValue(text, type ?? typeLike(before), { field, now });
  if (before !== undefined && before !== null && !Array.isArray(before)) {
    throw usageError(`${field} is not a list: ${operator} adds to and takes from lists.`);
  }
  const list: readonly unknown[] = Array.isArray(before) ? before : [];
  const given = parseValue(text, type ?? 'list', { field, now });
  const items: readonly unknown[] = Array.isArray(given) ? given : [given];
  const isSame = (a: unknown, b: unknown) => isDeepStrictEqual(keyOf(a), keyOf(b));
  return operator === '+='
    ? [...list, ...items.filter((item) => !list.some((one) => isSame(one, item)))]
    : list.filter((one) => !items.some((item) => isSame(one, item)));
}

/** Reads the text behind `field=`. @throws CliError (usage) */
function parseValue(
  text: string,
  type: FieldType | undefined,
  { field, now }: { readonly field: string; readonly now: number },
): unknown {
  switch (type) {
    case 'text':
      return text;
    case 'number':
      return numberOf(text, field);
    case 'boolean':
      if (['true', 'on', 'yes'].includes(text)) return true;
      if (['false', 'off', 'no'].includes(text)) return false;
      throw usageError(`${field} is on or off, not "${text}".`);
    case 'list':
      return listOf(text, field);
    case 'scopes':
      return listOf(text, field).map((item) => (typeof item === 'string' ? { scope: item } : item));
    case 'urls':
      return listOf(text, field).map((item) => (typeof item === 'string' ? { url: item } : item));
    case 'policies':
      return listOf(text, field).map((item) => (typeof item === 'string' ? { policy: item } : item));
    case 'roles':
      return listOf(text, field).map((item) => (typeof item === 'string' ? roleOf(item) : item));
    case 'time':
      return text === 'null' || text === 'none' ? null : parseMoment(text, now);
    case 'plan':
      return planOf(text, field);
    case 'json':
      return jsonOf(text, field);
    case undefined:
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
  }
}

function numberOf(text: string, field: string): number {
  const number = /^-?\d/.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return number;
  if (field.endsWith('Ms')) return parseDuration(text);
  throw usageError(`${field} is a number, not "${text}".`);
}

function listOf(text: string, field: string): unknown[] {
  if (text.startsWith('[')) {
    const value = jsonOf(text, field);
    if (Array.isArray(value)) return value;
  }
  return text === '' ? [] : text.split(/[,\s]+/).filter((item) => item !== '');
}

/** `releaser`, or `releaser@production`. */
function roleOf(text: string): object {
  const [role = '', serverGroup] = text.split('@', 2);
  return serverGroup === undefined ? { role } : { role, serverGroup };
}

/** `1000/day`, `500/15minutes`, `none`. */
function planOf(text: string, field: string): unknown {
  if (text === 'none' || text === 'null') return null;
  if (text.startsWith('{')) return jsonOf(text, field);
  const [, allow, interval, timeUnit] = PLAN.exec(text) ?? [];
  if (allow === undefined) throw usageError(`${field} is COUNT/UNIT, e.g. 1000/day or 500/15minutes, or none.`);
  return { allow: Number(allow), interval: Number(interval === '' ? 1 : interval), timeUnit };
}

function jsonOf(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${field} takes JSON: ${error instanceof Error ? error.message : 'it cannot be read'}.`);
  }
}

/** The type that a present value suggests. */
function typeLike(value: unknown): FieldType | undefined {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return Array.isArray(value) ? 'list' : undefined;
}

/** What tells items of a list apart: the scope, the URL, the policy, the role with its server group, else the whole. */
function keyOf(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if ('scope' in item) return item.scope;
  if ('role' in item) return roleText(item);
  if ('policy' in item) return item.policy;
  return 'url' in item ? item.url : item;
}
