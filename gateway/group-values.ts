import { hash } from 'node:crypto';
import { type FeedGroupVariables, groupVariableContext } from '#core/change-feed';
import type { SealContext } from '#core/secret-box';
import { findSelectors, selectorText } from '#core/selector';

/** What selectors stand for, by their texts. In memory only. */
export type GroupValues = ReadonlyMap<string, string>;

/** No variables at all. */
export const NO_VALUES: GroupValues = new Map();

/**
 * The variables and secrets of a server group, opened. A secret that does not open is left out: what uses it is refused and says so, and the
 * rest goes on.
 */
export function openGroupValues(
  variables: FeedGroupVariables | undefined,
  open: (letter: string, context: SealContext) => Buffer,
): GroupValues {
  if (variables === undefined) return NO_VALUES;
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(variables.variables))
    values.set(selectorText({ kind: 'variables', name }), value);
  for (const [name, letter] of Object.entries(variables.secrets)) {
    try {
      values.set(
        selectorText({ kind: 'secrets', name }),
        open(letter, groupVariableContext(variables.id, name)).toString('utf8'),
      );
    } catch {
      // said by whatever uses it
    }
  }
  return values;
}

/** Equal when settings with selectors come to the same: then what was compiled of them can go on. */
export function valuesKeyOf(settings: unknown, values: GroupValues): string {
  const used = findSelectors(settings).map(selectorText).sort();
  if (used.length === 0) return '';
  return hash('sha256', JSON.stringify(used.map((text) => [text, values.get(text) ?? null])));
}
