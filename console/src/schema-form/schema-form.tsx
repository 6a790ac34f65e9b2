import { Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Fold } from '../components/fold.tsx';
import { plural } from '../components/format.ts';
import { type Field, isSettings, isShown, type Settings } from './field.ts';
import { focusField } from './focus-field.ts';
import { SchemaFormContext } from './form-context.ts';
import { SchemaField } from './schema-field.tsx';
import { isSame, type SettingsPath, withValue } from './settings-path.ts';
import { splitFields } from './split-fields.ts';

interface SchemaFormProps {
  readonly fields: readonly Field[];
  readonly settings: Settings;
  readonly onChange: (settings: Settings) => void;
  /** What is wrong, by JSON pointer within the settings. */
  readonly errors: ReadonlyMap<string, string>;
  readonly onLeave: (pointer: string) => void;
  readonly isReadOnly?: boolean;
  /** JSON pointer of the field that has the focus at first; it is unfolded. */
  readonly focus?: string | undefined;
}

/** A form drawn from the JSON Schema of settings: first what is decided often, then, folded, what has good defaults. */
export function SchemaForm({
  fields,
  settings,
  onChange,
  errors,
  onLeave,
  isReadOnly = false,
  focus,
}: SchemaFormProps) {
  const { common, advanced } = splitFields(fields);
  const isWrongInside = [...errors.keys()].some((pointer) => isWithin(advanced, pointer));
  const [isUnfolded, setUnfolded] = useState(() => focus !== undefined && isWithin(advanced, focus));
  const isOpen = isUnfolded || isWrongInside;
  const root = useRef<HTMLDivElement>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about another field being asked for
  useEffect(() => {
    if (focus === undefined) return;
    if (isWithin(advanced, focus)) setUnfolded(true);
    focusField(root.current, focus);
  }, [focus]);

  const context = {
    errorAt: (pointer: string) => errors.get(pointer),
    setValue: (path: SettingsPath, value: unknown) => onChange(withValue(settings, path, value)),
    leave: onLeave,
    isReadOnly,
  };
  const draw = (field: Field) => (
    <SchemaField key={field.name} field={field} path={[field.name]} value={settings[field.name]} />
  );
  const isSeen = (field: Field) => isShown(field, settings, fields) || focus === `/${field.name}`;
  const folded = advanced.filter(isSeen);
  const changed = countSettings(folded, settings, (field, value) => !isSame(value ?? field.default, field.default));
  return (
    <SchemaFormContext value={context}>
      <div ref={root}>
        <Stack gap="md">
          {common.filter(isSeen).map(draw)}
          {folded.length > 0 && (
            <Fold
              title="Advanced"
              hint={`${plural(countSettings(folded, settings), 'setting', 'settings')}, ${
                changed === 0 ? 'defaults are fine' : `${changed} not as by default`
              }`}
              isOpen={isOpen}
              onToggle={setUnfolded}
            >
              {folded.map(draw)}
            </Fold>
          )}
        </Stack>
      </div>
    </SchemaFormContext>
  );
}

/** How many settings there are, those within groups one by one. */
function countSettings(
  fields: readonly Field[],
  settings: Settings,
  isCounted: (field: Field, value: unknown) => boolean = () => true,
): number {
  return fields.reduce((count, field) => {
    const value = settings[field.name];
    if (field.kind === 'group') return count + countSettings(field.fields, isSettings(value) ? value : {}, isCounted);
    return count + (isCounted(field, value) ? 1 : 0);
  }, 0);
}

function isWithin(fields: readonly Field[], pointer: string): boolean {
  const [, name, ...rest] = pointer.split('/');
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) return false;
  return field.kind !== 'group' || rest.length === 0 || isWithin(field.fields, `/${rest.join('/')}`);
}
