import { Refusal } from '#core/errors';

/** Most parameters that a query or form body may have. */
const MAX_PARAMETERS = 32;

/**
 * Parses `application/x-www-form-urlencoded` text. A parameter without value is left out (RFC 6749 §3.1); one that occurs twice is refused
 * whatever its name and value (§3.2).
 * @param place where the text stood, for the refusal's facts
 * @param repeated names that may occur more than once, each with the list that its values are added to; they do not stand in the answer
 * @throws Refusal `oauth_request`: twice, malformed, too_many
 */
export function parseForm(
  text: string,
  place: 'query' | 'body',
  repeated?: ReadonlyMap<string, string[]>,
): Map<string, string> {
  const values = new Map<string, string>();
  if (text === '') return values;
  const state = { seen: new Set<string>(), values, place, repeated, pairs: 0 };
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf('&', start);
    const end = found === -1 ? text.length : found;
    if (end > start) addPair(text.slice(start, end), state);
    start = end + 1;
  }
  return values;
}

/**
 * Decodes one form-encoded name or value: `+` is a space, `%XX` are bytes of UTF-8.
 * @throws URIError when it is malformed
 */
export function decodeFormText(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodeURIComponent(spaced) : spaced;
}

interface FormState {
  readonly seen: Set<string>;
  readonly values: Map<string, string>;
  readonly place: 'query' | 'body';
  readonly repeated: ReadonlyMap<string, string[]> | undefined;
  pairs: number;
}

function addPair(pair: string, state: FormState): void {
  const { seen, values, place } = state;
  const equals = pair.indexOf('=');
  const rawName = equals === -1 ? pair : pair.slice(0, equals);
  let name: string;
  let value: string;
  try {
    name = decodeFormText(rawName);
    value = equals === -1 ? '' : decodeFormText(pair.slice(equals + 1));
  } catch {
    throw refuse(rawName, 'malformed', place, { detail: 'bad percent-encoding or UTF-8' });
  }
  state.pairs += 1;
  if (state.pairs > MAX_PARAMETERS) throw refuse(name, 'too_many', place, { limit: MAX_PARAMETERS });
  const list = state.repeated?.get(name);
  if (list !== undefined) {
    if (value !== '') list.push(value);
    return;
  }
  if (seen.has(name)) throw refuse(name, 'twice', place);
  seen.add(name);
  if (value !== '') values.set(name, value);
}

function refuse(
  name: string,
  problem: string,
  place: string,
  more: Readonly<Record<string, string | number>> = {},
): Refusal {
  return new Refusal('oauth_request', { parameter: name.slice(0, 40), problem, lookedIn: place, ...more });
}
