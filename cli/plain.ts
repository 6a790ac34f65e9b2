/**
 * Text from outside, safe to show: control characters, marks that turn the reading direction and marks that nobody sees are written as
 * `\x1b`, so that a path in a log cannot move the cursor, colour or hide a line.
 */
export function plain(text: string): string {
  return text.replace(UNSAFE, shown);
}

/** Several lines from outside, safe to show: line ends and tabs stay. */
export function plainLines(text: string): string {
  return text.replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : shown(char)));
}

/**
 * What a command made to be shown, our own colours in it. The last net under every line: whatever of the terminal's language is not a colour
 * that we use is written out, though somebody forgot to make a value plain.
 */
export function plainStyled(text: string, hasColours: boolean): string {
  if (!hasColours) return plainLines(text);
  let result = '';
  let from = 0;
  for (const { 0: colour, index } of text.matchAll(COLOUR)) {
    result += plainLines(text.slice(from, index)) + colour;
    from = index + colour.length;
  }
  return result + plainLines(text.slice(from));
}

/** A document as JSON that is safe to show: what JSON leaves as it is but a terminal does not is escaped, so it says the same. */
export function plainJson(document: unknown, indent?: number): string {
  const text = JSON.stringify(document, undefined, indent) ?? 'null';
  return text.replace(UNSAFE, (char) => (char === '\n' ? char : escaped(char)));
}

function shown(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : escaped(char);
}

function escaped(char: string): string {
  let text = '';
  for (let i = 0; i < char.length; i += 1) text += `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}

const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** What picocolors writes, without "hidden". */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLOUR = /\u001b\[(?:[0-79]|2[2-79]|[349][0-7]|[34]9|10[0-7])m/g;
