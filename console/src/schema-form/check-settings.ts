import { formatDuration, formatNumber, plural } from '../components/format.ts';
import { type Field, isSettings, isShown, type NumberField, type Settings, type TextRules } from './field.ts';
import { pointerOf, type SettingsPath } from './settings-path.ts';

/** Something wrong with a setting. */
export interface SettingProblem {
  /** JSON pointer within the settings. */
  readonly pointer: string;
  readonly message: string;
}

/** What the schema says against settings. The server checks again, and more. Left out settings take their defaults. */
export function checkSettings(
  fields: readonly Field[],
  settings: Settings,
  path: SettingsPath = [],
): readonly SettingProblem[] {
  return fields
    .filter((field) => isShown(field, settings, fields))
    .flatMap((field) => checkField(field, settings[field.name], [...path, field.name]));
}

function checkField(field: Field, value: unknown, path: SettingsPath): readonly SettingProblem[] {
  const wrong = (message: string | undefined) => (message === undefined ? [] : [{ pointer: pointerOf(path), message }]);
  if (value === undefined) return wrong(field.isRequired ? 'Fill this in.' : undefined);
  switch (field.kind) {
    case 'text':
      return wrong(textProblem(field, value));
    case 'name':
      return wrong(typeof value === 'string' ? undefined : 'Text.');
    case 'number':
      return wrong(numberProblem(field, value));
    case 'switch':
      return wrong(typeof value === 'boolean' ? undefined : 'On or off (true or false).');
    case 'choice':
      return wrong(field.choices.some((choice) => choice.value === value) ? undefined : oneOf(field.choices));
    case 'choices': {
      if (!Array.isArray(value)) return wrong('A list.');
      const isKnown = value.every((item) => field.choices.some((choice) => choice.value === item));
      return wrong(isKnown ? countProblem(field, value.length) : oneOf(field.choices));
    }
    case 'tags': {
      if (!Array.isArray(value)) return wrong('A list.');
      const bad = value.map((item) => [item, textProblem(field.item, item)] as const).find(([, message]) => message);
      return wrong(bad === undefined ? countProblem(field, value.length) : `${String(bad[0])}: ${bad[1]}`);
    }
    case 'rows':
      if (!Array.isArray(value)) return wrong('A list.');
      return [
        ...wrong(countProblem(field, value.length)),
        ...value.flatMap((row, index) => checkSettings(field.fields, isSettings(row) ? row : {}, [...path, index])),
      ];
    case 'group':
      return isSettings(value) ? checkSettings(field.fields, value, path) : wrong('Fields in braces.');
    case 'json':
      return [];
  }
}

function textProblem(rules: TextRules, value: unknown): string | undefined {
  const { minLength, maxLength, pattern, messages } = rules;
  if (typeof value !== 'string') return 'Text.';
  if (minLength !== undefined && value.length < minLength)
    return value === ''
      ? 'Fill this in.'
      : (messages.minLength ?? `At least ${plural(minLength, 'character', 'characters')}.`);
  if (maxLength !== undefined && value.length > maxLength)
    return (
      messages.maxLength ??
      `At most ${plural(maxLength, 'character', 'characters')}; it has ${formatNumber(value.length)}.`
    );
  if (pattern !== undefined && !matches(pattern, value))
    return messages.pattern ?? 'It has characters that cannot stand here.';
  return undefined;
}

/** JSON Schema's patterns are Unicode ones; those that are not written so are left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

function numberProblem(field: NumberField, value: unknown): string | undefined {
  const { isInteger, minimum, maximum, messages } = field;
  if (typeof value !== 'number' || Number.isNaN(value)) return 'A number.';
  if (isInteger && !Number.isInteger(value)) return 'A whole number.';
  if (minimum !== undefined && value < minimum) return messages.minimum ?? `At least ${withUnit(minimum, field.unit)}.`;
  if (maximum !== undefined && value > maximum) return messages.maximum ?? `At most ${withUnit(maximum, field.unit)}.`;
  return undefined;
}

function countProblem(
  field: Pick<Extract<Field, { kind: 'tags' | 'rows' | 'choices' }>, 'kind' | 'minItems' | 'maxItems' | 'messages'>,
  count: number,
): string | undefined {
  const { minItems, maxItems, messages } = field;
  if (minItems !== undefined && count < minItems)
    return (
      messages.minItems ?? (field.kind === 'choices' ? 'Choose one at least.' : `At least ${formatNumber(minItems)}.`)
    );
  if (maxItems !== undefined && count > maxItems)
    return messages.maxItems ?? `At most ${formatNumber(maxItems)}; there are ${formatNumber(count)}.`;
  return undefined;
}

function oneOf(choices: readonly { readonly title: string }[]): string {
  return `One of: ${choices.map(({ title }) => title).join(', ')}.`;
}

/** `1 s (1000 ms)`, `22 characters`. */
function withUnit(value: number, unit: string | undefined): string {
  if (unit === 'ms') return value < 1000 ? `${value} ms` : `${formatDuration(value)} (${value} ms)`;
  return unit === undefined ? formatNumber(value) : `${formatNumber(value)} ${unit}`;
}
