import type { Field } from './field.ts';

/** A form's fields, and those that are folded away; a group is split, with what it has of each. */
export function splitFields(fields: readonly Field[]): {
  readonly common: readonly Field[];
  readonly advanced: readonly Field[];
} {
  const common: Field[] = [];
  const advanced: Field[] = [];
  for (const field of fields) {
    if (field.isAdvanced) advanced.push(field);
    else if (field.kind !== 'group') common.push(field);
    else {
      const inner = splitFields(field.fields);
      if (inner.common.length > 0) common.push({ ...field, fields: inner.common });
      if (inner.advanced.length > 0) advanced.push({ ...field, fields: inner.advanced, description: undefined });
    }
  }
  return { common, advanced };
}
