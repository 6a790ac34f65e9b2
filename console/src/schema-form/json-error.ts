/** Where a text stops being JSON, and what was expected there. Browsers do not always say. */
export interface JsonError {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in text
const STRING = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const PLAIN = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;

/** The first place at which a text is not JSON; `undefined` when it is. */
export function findJsonError(text: string): JsonError | undefined {
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found !== undefined;
  };
  const take = (character: string): boolean => {
    skip(SPACE);
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  // Each answers what was expected where it stopped, or nothing when all was well.
  const value = (): string | undefined => {
    skip(SPACE);
    if (text[at] === '{') return list('}', member);
    if (text[at] === '[') return list(']', value);
    return skip(STRING) || skip(PLAIN)
      ? undefined
      : 'a value: text in double quotes, a number, true, false, null, { or [';
  };
  const member = (): string | undefined => {
    skip(SPACE);
    if (!skip(STRING)) return 'a name in double quotes';
    return take(':') ? value() : 'a colon';
  };
  const list = (end: string, item: () => string | undefined): string | undefined => {
    at++;
    if (take(end)) return undefined;
    do {
      const expected = item();
      if (expected !== undefined) return expected;
    } while (take(','));
    return take(end) ? undefined : `a comma or ${end}`;
  };
  const expected = value() ?? (skip(SPACE) && at < text.length ? 'nothing more' : undefined);
  if (expected === undefined) return undefined;
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, message: `Expected ${expected}.` };
}
