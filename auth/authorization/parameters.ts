import * as z from 'zod';
import { Refusal } from '#core/errors';
import { decodeFormText } from '../form.ts';

/** The most that the known parameters of a request may take together, as text of query or form: kept as JSON they fit a transient record. */
const LIMIT_BYTES = 7168;
const MAX_PAIRS = 64;
const MAX_RESOURCES = 10;

/** Parameters that are read; others are ignored (RFC 6749 §3.1). */
const KNOWN: ReadonlySet<string> = new Set([
  'client_id',
  'code_challenge',
  'code_challenge_method',
  'redirect_uri',
  'request',
  'request_uri',
  'resource',
  'response_mode',
  'response_type',
  'scope',
  'state',
]);

/** The parameters of an authorization request as they came, before anything is known of who sent them. Kept as JSON between pages. */
export interface AuthorizationParameters {
  /** Each that has a value, the first one where it occurs more than once. */
  readonly values: Readonly<Record<string, string>>;
  /** RFC 8707 §2: the one parameter that may occur more than once. */
  readonly resources: readonly string[];
  /** Names that occur more than once though they must not (RFC 6749 §3.1). */
  readonly repeated: readonly string[];
  /** Names whose value cannot be read, or holds characters beyond printable ASCII (RFC 6749 appendix A). */
  readonly malformed: readonly string[];
}

const parametersSchema = z.strictObject({
  values: z.record(z.string(), z.string()),
  resources: z.array(z.string()),
  repeated: z.array(z.string()),
  malformed: z.array(z.string()),
});

/** Parameters out of what {@link AuthorizationParameters} was kept as. */
export function parseKeptParameters(value: unknown): AuthorizationParameters {
  return parametersSchema.parse(value);
}

/**
 * Reads query or form text of an authorization request. Faults of single parameters are kept, not thrown: whether the client may hear of them
 * depends on client_id and redirect_uri (RFC 6749 §4.1.2.1).
 * @throws Refusal `authorization_request` too_long
 */
export function readParameters(text: string): AuthorizationParameters {
  const pairs = text.split('&');
  let length = 0;
  const seen = new Set<string>();
  const values: Record<string, string> = Object.create(null);
  const resources: string[] = [];
  const repeated = new Set<string>();
  const malformed = new Set<string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (name === undefined || !KNOWN.has(name)) continue;
    length += pair.length;
    const value = equals === -1 ? '' : decode(pair.slice(equals + 1));
    if (value === undefined || !/^[\x20-\x7E]*$/.test(value)) malformed.add(name);
    else if (name === 'resource') {
      if (value !== '') resources.push(value);
      continue;
    } else if (!seen.has(name) && value !== '') values[name] = value;
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  if (length > LIMIT_BYTES || pairs.length > MAX_PAIRS)
    throw new Refusal('authorization_request', { parameter: 'client_id', problem: 'too_long', limit: LIMIT_BYTES });
  if (resources.length > MAX_RESOURCES) malformed.add('resource');
  return {
    values: { ...values },
    resources: resources.slice(0, MAX_RESOURCES),
    repeated: [...repeated],
    malformed: [...malformed],
  };
}

/** Throws when one of these parameters could not be read, or occurs twice. @throws Refusal `authorization_request` */
export function checkReadable(parameters: AuthorizationParameters, names?: readonly string[]): void {
  const of = (found: readonly string[]) => found.find((name) => names === undefined || names.includes(name));
  const twice = of(parameters.repeated);
  if (twice !== undefined) throw new Refusal('authorization_request', { parameter: twice, problem: 'twice' });
  const bad = of(parameters.malformed);
  if (bad !== undefined) throw new Refusal('authorization_request', { parameter: bad, problem: 'malformed' });
}

function decode(text: string): string | undefined {
  try {
    return decodeFormText(text);
  } catch {
    return undefined;
  }
}
