import { createContext, use } from 'react';
import type { SettingsPath } from './settings-path.ts';

/** What every field of a form needs of it. */
export interface FormContext {
  /** What is wrong at a JSON pointer. */
  readonly errorAt: (pointer: string) => string | undefined;
  readonly setValue: (path: SettingsPath, value: unknown) => void;
  /** The person has left the field: from now on it is said what is wrong there. */
  readonly leave: (pointer: string) => void;
  readonly isReadOnly: boolean;
}

export const SchemaFormContext = createContext<FormContext | undefined>(undefined);

/** The form around a field. */
export function useFormContext(): FormContext {
  const context = use(SchemaFormContext);
  if (context === undefined) throw new Error('A field stands outside of a form.');
  return context;
}
