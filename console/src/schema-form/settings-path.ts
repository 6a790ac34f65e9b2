import { isSettings, type Settings } from './field.ts';

/** Where a value stands within settings. */
export type SettingsPath = readonly (string | number)[];

/** The JSON pointer (RFC 6901) of a place. */
export function pointerOf(path: SettingsPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Settings with another value at a place; `undefined` takes the field away, so that its default holds. */
export function withValue(settings: Settings, path: SettingsPath, value: unknown): Settings {
  const changed = changedAt(settings, path, value);
  return isSettings(changed) ? changed : settings;
}

function changedAt(value: unknown, [step, ...rest]: SettingsPath, next: unknown): unknown {
  if (step === undefined) return next;
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...value] : [];
    list[step] = changedAt(list[step], rest, next);
    return list;
  }
  const object = isSettings(value) ? value : {};
  const inner = changedAt(object[step], rest, next);
  if (inner !== undefined) return { ...object, [step]: inner };
  const { [step]: _, ...others } = object;
  return others;
}

/** What to send so that `before` becomes `after`: the top-level fields that differ; null gives one back to its default. */
export function settingsPatch(before: Settings, after: Settings): Record<string, unknown> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...names].filter((name) => !isSame(before[name], after[name])).map((name) => [name, after[name] ?? null]),
  );
}

/** True when two values of JSON are the same, whatever the order of their fields. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isSettings(a) || !isSettings(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && isSame(a[name], b[name]));
}
