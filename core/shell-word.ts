/** A text as one word, or a part of one, of a shell's command line: in quotes when it needs them. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * A command line to be copied into a shell. What is put in is quoted: names and facts may come from callers, who could otherwise have an
 * operator run what they like.
 */
export function commandLine(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return parts.map((part, i) => part + (i < values.length ? shellWord(values[i] ?? '') : '')).join('');
}
