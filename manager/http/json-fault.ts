/** Where and why a text is not JSON. `at` counts UTF-16 units from 0. */
export interface JsonFault {
  readonly at: number;
  readonly message: string;
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON (RFC 8259 §7) wants them escaped within strings
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Finds the first place at which a text stops being JSON; undefined when it is JSON. `JSON.parse` often says only that it failed, and people
 * who write bodies by hand need the place. Run on refused bodies only.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let expected: 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'after-value' = 'value';

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const fault = (message: string): JsonFault =>
    at >= text.length ? { at, message: 'The text ends too early.' } : { at, message };

  for (;;) {
    take(SPACE);
    const sign = text[at];
    if (expected === 'after-value') {
      const inside = open.at(-1);
      if (inside === undefined) return at >= text.length ? undefined : fault('There is text behind the value.');
      if (sign === ',') expected = inside === '{' ? 'key' : 'value';
      else if (sign === (inside === '{' ? '}' : ']')) open.pop();
      else return fault(`Expected , or ${inside === '{' ? '}' : ']'}.`);
      at += 1;
    } else if (expected === 'key' || expected === 'key-or-end') {
      if (sign === '}' && expected === 'key-or-end') {
        at += 1;
        open.pop();
        expected = 'after-value';
        continue;
      }
      if (!take(STRING)) return fault('Expected a field name in double quotes.');
      take(SPACE);
      if (text[at] !== ':') return fault('Expected : behind the field name.');
      at += 1;
      expected = 'value';
    } else if (sign === '{' || sign === '[') {
      at += 1;
      open.push(sign);
      expected = sign === '{' ? 'key-or-end' : 'value-or-end';
    } else if (sign === ']' && expected === 'value-or-end') {
      at += 1;
      open.pop();
      expected = 'after-value';
    } else if (take(STRING) || take(NUMBER) || take(WORD)) {
      expected = 'after-value';
    } else
      return fault(
        sign === '"' ? 'This string is not closed, or has a character that must be escaped.' : 'Expected a value.',
      );
  }
}
