import { JsonInput as Input } from '@mantine/core';
import { useState } from 'react';
import type { JsonField } from './field.ts';
import { useFormContext } from './form-context.ts';
import { findJsonError } from './json-error.ts';
import { pointerOf, type SettingsPath } from './settings-path.ts';

/** A setting that no other input is for, written as JSON. */
export function JsonInput({
  field,
  path,
  value,
}: {
  readonly field: JsonField;
  readonly path: SettingsPath;
  readonly value: unknown;
}) {
  const form = useFormContext();
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, undefined, 2)));
  const problem = text.trim() === '' ? undefined : findJsonError(text);
  const where =
    problem === undefined ? undefined : `Line ${problem.line}, column ${problem.column}: ${problem.message}`;
  return (
    <Input
      label={field.title}
      description={field.description}
      withAsterisk={field.isRequired}
      error={where ?? form.errorAt(pointerOf(path))}
      classNames={{ input: 'mono' }}
      autosize
      minRows={2}
      maxRows={12}
      readOnly={form.isReadOnly}
      value={text}
      onBlur={() => form.leave(pointerOf(path))}
      onChange={(next) => {
        setText(next);
        if (next.trim() === '') form.setValue(path, undefined);
        else if (findJsonError(next) === undefined) form.setValue(path, JSON.parse(next));
      }}
    />
  );
}
