import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { compileText } from '#core/whiteboard-selector';
import { FIELD_VALUE } from './text.ts';

/** A header field in settings; its value may hold selectors. */
interface FieldSetting {
  readonly name: string;
  readonly value: string;
}

/** Resolves fields for one message, flat: `[name, value, name, value, …]`. */
type FieldsOf = (message: Message) => readonly string[] | Promise<readonly string[]>;

/**
 * Makes the function that resolves header fields. Fields without selectors cost nothing; a value that a field cannot hold (RFC 9110 §5.5), a
 * line break above all, refuses the request.
 */
export function compileFields(settings: readonly FieldSetting[]): FieldsOf {
  const fixed = settings.flatMap(({ name, value }) => [name, value]);
  if (!settings.some(({ value }) => value.includes('${'))) return () => fixed;
  const fields = settings.map(({ name, value }) => ({ name, textOf: compileText(value) }));
  return (message) => {
    const texts = fields.map(({ textOf }) => textOf(message));
    const flat = (values: readonly string[]) => fields.flatMap(({ name }, i) => [name, checked(name, values[i] ?? '')]);
    return texts.every((text) => typeof text === 'string') ? flat(texts) : Promise.all(texts).then(flat);
  };
}

function checked(name: string, text: string): string {
  const value = text.trim();
  if (FIELD_VALUE.test(value)) return value;
  throw new Refusal('selector_value', {
    place: `the header field ${name}`,
    detail: 'a field holds one line of Latin characters',
  });
}
