import type { TokenStoreView } from '#core/model/token-store';
import { STORE_FIELDS } from './store-fields.ts';
import { type SettingsName, STORE_KINDS, type StoreKind } from './store-kinds.ts';

/** What the form asks for: the fields of the API by their names, with the password beside them. */
export interface StoreValues extends Record<string, unknown>, Record<SettingsName, Record<string, unknown>> {
  displayName: string;
  kind: StoreKind;
}

/** What stands in the form of a token store; of a new one when there is none. */
export function valuesOf(store: TokenStoreView | undefined): StoreValues {
  const settings = (name: SettingsName) => ({
    ...Object.fromEntries(STORE_FIELDS[name].map((field) => [field.name, field.initial])),
    ...store?.[name],
  });
  return {
    displayName: store?.displayName ?? '',
    kind: store?.kind ?? 'redis',
    redis: settings('redis'),
    sqlite: settings('sqlite'),
    postgres: settings('postgres'),
    cassandra: settings('cassandra'),
    embedded: settings('embedded'),
  };
}

/** The settings of the kind that is chosen, under their name; a password only when one was typed. */
function settingsOf(values: StoreValues): object {
  const name = STORE_KINDS[values.kind].settings;
  if (name === undefined) return {};
  const { password, ...own } = values[name];
  // What is not shown keeps its default: another mode may not have it.
  const shown = STORE_FIELDS[name].map((field) => [
    field.name,
    field.isShown?.(own) === false ? field.initial : own[field.name],
  ]);
  const settings = Object.fromEntries(shown.filter(([field]) => field !== 'password'));
  return { [name]: { ...settings, ...(typeof password === 'string' && password !== '' && { password }) } };
}

/** The body of a create. */
export function createBody(values: StoreValues): object {
  return { displayName: values.displayName.trim(), kind: values.kind, ...settingsOf(values) };
}

/** The body of a test before a create: a name is not needed yet. */
export function testBody(values: StoreValues): object {
  return { kind: values.kind, ...settingsOf(values) };
}

/** The body of a patch: the kind stays, the file of SQLite too, and so does a password that nothing was written for. */
export function patchBody(values: StoreValues, isConfigured: boolean): object {
  const displayName = values.displayName.trim();
  return isConfigured || values.kind === 'sqlite' ? { displayName } : { displayName, ...settingsOf(values) };
}

/** Null, or what is wrong with the settings of the kind that is chosen, by the form's fields. */
export function checkSettings(values: StoreValues): Readonly<Record<string, string>> {
  const name = STORE_KINDS[values.kind].settings;
  if (name === undefined) return {};
  const own = values[name];
  const missing = STORE_FIELDS[name].filter(
    (field) => field.isRequired === true && field.isShown?.(own) !== false && isEmpty(own[field.name]),
  );
  return Object.fromEntries(missing.map(({ name: field, label }) => [`${name}.${field}`, `${label}: give it.`]));
}

function isEmpty(value: unknown): boolean {
  return value === '' || value === undefined || (Array.isArray(value) && value.length === 0);
}

/** The form's field of a JSON pointer: an item of a list stands at its list, and a name that is taken at the name that it was made of. */
export function fieldOf(pointer: string): string | undefined {
  const [first = '', second] = pointer.split('/').slice(1);
  if (first === 'name') return 'displayName';
  return second === undefined ? first : `${first}.${second}`;
}
