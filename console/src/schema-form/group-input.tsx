import { type Field, isSettings, isShown } from './field.ts';
import { useFormContext } from './form-context.ts';
import { SchemaField } from './schema-field.tsx';
import classes from './schema-form.module.css';
import { pointerOf, type SettingsPath } from './settings-path.ts';

/** Settings that belong together: an object within the settings. */
export function GroupInput({
  field,
  path,
  value,
}: {
  readonly field: Extract<Field, { kind: 'group' }>;
  readonly path: SettingsPath;
  readonly value: unknown;
}) {
  const error = useFormContext().errorAt(pointerOf(path));
  const settings = isSettings(value) ? value : {};
  return (
    <fieldset className={classes.fieldset}>
      <legend>{field.title}</legend>
      <div className={classes.inner}>
        {field.description !== undefined && <div className={classes.help}>{field.description}</div>}
        {error !== undefined && <div className={classes.wrong}>{error}</div>}
        {field.fields
          .filter((inner) => isShown(inner, settings, field.fields))
          .map((inner) => (
            <SchemaField key={inner.name} field={inner} path={[...path, inner.name]} value={settings[inner.name]} />
          ))}
      </div>
    </fieldset>
  );
}
