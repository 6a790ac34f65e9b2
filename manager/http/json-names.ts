import type { JsonFault } from './json-fault.ts';

/** A record's prototype is nobody's to set. */
const KEPT_NAMES = ['__proto__', 'constructor', 'prototype'];

/**
 * Finds the first field of a JSON text whose name may not stand there: one of those above, or one that its object has already. Which of two
 * counts is read differently from place to place, so what was checked elsewhere need not be what is done here. Names are compared as they
 * are read, whatever their spelling (`"\u0061"` is `"a"`).
 * @param text valid JSON
 */
export function findNameFault(text: string): JsonFault | undefined {
  /** Names of the open objects; arrays have none. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '{') open.push(new Set());
    else if (sign === '[') open.push(undefined);
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names !== undefined && isName(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string;
        if (KEPT_NAMES.includes(name)) return { at, message: `No field may be named ${name}.` };
        if (names.has(name))
          return { at, message: `The field ${JSON.stringify(name.slice(0, 64))} stands there twice.` };
        names.add(name);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Where the string that begins at `at` is over. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** True when the string before `end` is a field's name: in an object only names have a colon behind them. */
function isName(text: string, end: number): boolean {
  let next = end;
  while (/[ \t\n\r]/.test(text[next] ?? '')) next += 1;
  return text[next] === ':';
}
