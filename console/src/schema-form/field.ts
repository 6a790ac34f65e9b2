/** One of the values that a field takes, and how people read it. */
export interface Choice {
  readonly value: string;
  readonly title: string;
}

interface FieldBase {
  readonly name: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly isAdvanced: boolean;
  /** True: there is no default, so that a value has to be given. */
  readonly isRequired: boolean;
  readonly default: unknown;
  readonly when: { readonly field: string; readonly is: unknown } | undefined;
  /** The server's own sentences, by keyword of JSON Schema. */
  readonly messages: Readonly<Record<string, string>>;
}

/** What a text must be. */
export interface TextRules {
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
  readonly messages: Readonly<Record<string, string>>;
}

interface ListRules {
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
}

export interface TextField extends FieldBase, TextRules {
  readonly kind: 'text';
  readonly isMultiline: boolean;
}
export interface NumberField extends FieldBase {
  readonly kind: 'number';
  readonly isInteger: boolean;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly unit: string | undefined;
}
export interface SwitchField extends FieldBase {
  readonly kind: 'switch';
}
/** One of several values. */
export interface ChoiceField extends FieldBase {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
}
/** Several of several values. */
export interface ChoicesField extends FieldBase, ListRules {
  readonly kind: 'choices';
  readonly choices: readonly Choice[];
}
/** The name of one of a list of the API; empty: none, or the list's default. */
export interface NameField extends FieldBase {
  readonly kind: 'name';
  /** Path of the list, which is what the right to read it is called by: `token-stores`. */
  readonly list: string;
}
/** A list of words. */
export interface TagsField extends FieldBase, ListRules {
  readonly kind: 'tags';
  readonly item: TextRules;
}
/** A list of objects. */
export interface RowsField extends FieldBase, ListRules {
  readonly kind: 'rows';
  readonly fields: readonly Field[];
}
/** An object in the object. */
export interface GroupField extends FieldBase {
  readonly kind: 'group';
  readonly fields: readonly Field[];
}
/** Anything else: written as JSON. */
export interface JsonField extends FieldBase {
  readonly kind: 'json';
}

/** A setting of a policy as its form shows it. */
export type Field =
  | TextField
  | NumberField
  | SwitchField
  | ChoiceField
  | ChoicesField
  | NameField
  | TagsField
  | RowsField
  | GroupField
  | JsonField;

/** A policy's settings. */
export type Settings = Readonly<Record<string, unknown>>;

/** True for an object that is no list. */
export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True while a field is to be seen beside the others. */
export function isShown(field: Field, siblings: Settings, all: readonly Field[]): boolean {
  if (field.when === undefined) return true;
  const { field: name, is } = field.when;
  const value = siblings[name] ?? all.find((other) => other.name === name)?.default;
  return Array.isArray(value) ? value.includes(is) : value === is;
}
