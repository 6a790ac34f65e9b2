import * as z from 'zod';
import { type ProblemDetail, ProblemError } from '#core/problem';
import { nearestName } from './nearest-name.ts';

type Path = readonly PropertyKey[];

/**
 * A value as its schema has it.
 * @param pointer where the value stands in what was sent, e.g. `/config`
 * @throws ProblemError `validation_failed`, with one entry a wrong value
 */
export function parseWith<Schema extends z.ZodType>(schema: Schema, value: unknown, pointer = ''): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationFailed(problemDetails(result.error.issues, schema, pointer));
}

/** The problem for one or several wrong values. */
export function validationFailed(errors: readonly ProblemDetail[]): ProblemError {
  const [first] = errors;
  const rest = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const place = first === undefined || first.pointer === '' ? '' : `${first.pointer}: `;
  return new ProblemError('validation_failed', `${place}${first?.message ?? 'The request is not valid.'}${rest}`, {
    errors,
  });
}

/** The problem for one wrong value. */
export function wrongValue(pointer: string, code: string, message: string): ProblemError {
  return validationFailed([{ pointer, code, message }]);
}

/** What Zod found, as entries with JSON pointers: one a wrong value, one an unknown field. */
export function problemDetails(issues: readonly z.core.$ZodIssue[], schema: z.ZodType, prefix = ''): ProblemDetail[] {
  const details = new Map<string, ProblemDetail>();
  for (const issue of issues) {
    for (const detail of detailsOf(issue, schema)) {
      const pointer = prefix + detail.pointer;
      if (!details.has(pointer)) details.set(pointer, { ...detail, pointer });
    }
  }
  return [...details.values()];
}

/** A JSON pointer (RFC 6901). */
function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function detailsOf(issue: z.core.$ZodIssue, schema: z.ZodType): ProblemDetail[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(issue.path, key, schema));
  if (issue.code === 'invalid_union') {
    const [branch] = [...issue.errors].sort((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0));
    const nested = branch?.[0];
    if (nested !== undefined && nested.path.length > 0)
      return [{ pointer: pointerOf([...issue.path, ...nested.path]), code: codeOf(nested), message: nested.message }];
  }
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  const pointer = pointerOf(issue.path);
  if (isMissing) return [{ pointer, code: 'required', message: 'This field is required.' }];
  return [{ pointer, code: codeOf(issue), message: sentence(issue.message) }];
}

function unknownField(path: Path, key: string, schema: z.ZodType): ProblemDetail {
  const known = fieldsAt(schema, path);
  const meant = nearestName(key, known);
  const shown = key.length > 64 ? `${key.slice(0, 64)}…` : key;
  const hint =
    meant === undefined
      ? known.length > 0 && known.length <= 20
        ? ` Fields here: ${known.join(', ')}.`
        : ''
      : ` Did you mean "${meant}"?`;
  return {
    pointer: pointerOf([...path, shown]),
    code: 'unknown_field',
    message: `There is no field "${shown}".${hint}`,
  };
}

function codeOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return 'wrong_type';
    case 'invalid_value':
      return 'not_allowed';
    case 'too_small':
    case 'too_big':
    case 'invalid_format':
      return issue.code;
    default:
      return 'invalid';
  }
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}

/** Names of the fields that an object at a place of a schema may have; empty when they cannot be told. */
function fieldsAt(schema: z.ZodType, path: Path): string[] {
  const [step, ...rest] = path;
  const plain = unwrap(schema);
  if (plain instanceof z.ZodUnion)
    return plain.options.flatMap((option) => (option instanceof z.ZodType ? fieldsAt(option, path) : []));
  if (step === undefined) return plain instanceof z.ZodObject ? Object.keys(plain.shape) : [];
  if (plain instanceof z.ZodObject) {
    const field: unknown = plain.shape[String(step)];
    return field instanceof z.ZodType ? fieldsAt(field, rest) : [];
  }
  if (plain instanceof z.ZodArray) return plain.element instanceof z.ZodType ? fieldsAt(plain.element, rest) : [];
  if (plain instanceof z.ZodRecord) return plain.valueType instanceof z.ZodType ? fieldsAt(plain.valueType, rest) : [];
  return [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner: unknown = schema;
  if (schema instanceof z.ZodPipe) inner = schema.in;
  else if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  )
    inner = schema.unwrap();
  return inner instanceof z.ZodType && inner !== schema ? unwrap(inner) : schema;
}
