/** One `name=value` of a query or form body: the bytes as sent, and its place between them. */
export interface FormPair {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** Every pair whose decoded name is `name`. Names that cannot be decoded are somebody else's. */
export function findPairs(text: string, name: string): FormPair[] {
  const found: FormPair[] = [];
  if (text === '') return found;
  for (let start = 0; start <= text.length; ) {
    const next = text.indexOf('&', start);
    const end = next === -1 ? text.length : next;
    const equals = text.indexOf('=', start);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (isNamed(text, start, nameEnd, name)) {
      found.push({ start, end, value: nameEnd === end ? '' : decodeForm(text.slice(nameEnd + 1, end)) });
    }
    start = end + 1;
  }
  return found;
}

/** The text without the given pairs; all other bytes stay as they were sent. */
export function cutPairs(text: string, pairs: readonly FormPair[]): string {
  let rest = text;
  for (const { start, end } of pairs.toReversed()) {
    const before = rest.slice(0, start);
    const after = rest.slice(end + 1);
    rest = after === '' && end >= rest.length ? before.slice(0, Math.max(0, start - 1)) : before + after;
  }
  return rest;
}

function isNamed(text: string, start: number, end: number, name: string): boolean {
  if (end - start === name.length && text.startsWith(name, start)) return true;
  const encoded = text.slice(start, end);
  return encoded.includes('%') && decodeForm(encoded) === name;
}

function decodeForm(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
