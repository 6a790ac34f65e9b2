import { ActionIcon, Button, Input, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useId } from 'react';
import { type Field, isSettings, type Settings } from './field.ts';
import { useFormContext } from './form-context.ts';
import { GroupInput } from './group-input.tsx';
import classes from './schema-form.module.css';
import { pointerOf, type SettingsPath } from './settings-path.ts';

/** Most texts that stand side by side in a row. */
const CELLS = 3;

interface RowsInputProps {
  readonly field: Extract<Field, { kind: 'rows' }>;
  readonly path: SettingsPath;
  readonly value: readonly unknown[];
}

/** A list of objects: a row each, that can be added and removed. */
export function RowsInput({ field, path, value }: RowsInputProps) {
  const form = useFormContext();
  const id = useId();
  const isPlain = field.fields.length <= CELLS && field.fields.every((inner) => inner.kind === 'text');
  const isFull = field.maxItems !== undefined && value.length >= field.maxItems;
  const add = () => form.setValue(path, [...value, emptyRow(field.fields)]);
  const remove = (index: number) =>
    form.setValue(
      path,
      value.filter((_, other) => other !== index),
    );
  return (
    <Input.Wrapper
      label={field.title}
      labelElement="div"
      labelProps={{ id }}
      description={field.description}
      error={form.errorAt(pointerOf(path))}
      withAsterisk={field.isRequired}
      role="group"
      aria-labelledby={id}
    >
      <div className={classes.rows}>
        {value.map((row, index) => {
          const inner = { path: [...path, index], value: isSettings(row) ? row : {}, index };
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row has no name of its own
            <div key={index} className={classes.row}>
              {isPlain ? (
                <Cells field={field} {...inner} />
              ) : (
                <GroupInput
                  field={{ ...field, kind: 'group', title: `${field.title} ${index + 1}`, description: undefined }}
                  {...inner}
                />
              )}
              {!form.isReadOnly && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size={36}
                  aria-label={`Remove row ${index + 1} of ${field.title}`}
                  onClick={() => remove(index)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              )}
            </div>
          );
        })}
        {!form.isReadOnly && (
          <div>
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconPlus size={14} />}
              aria-label={`Add row to ${field.title}`}
              disabled={isFull}
              onClick={add}
            >
              Add row
            </Button>
          </div>
        )}
      </div>
    </Input.Wrapper>
  );
}

function Cells({
  field,
  path,
  value,
  index,
}: Pick<RowsInputProps, 'field' | 'path'> & { readonly value: Settings; readonly index: number }) {
  const form = useFormContext();
  return (
    <div className={classes.cells}>
      {field.fields.map((cell) => {
        const place = [...path, cell.name];
        const pointer = pointerOf(place);
        const text = value[cell.name];
        return (
          <div key={cell.name} data-pointer={pointer}>
            <TextInput
              aria-label={`${cell.title}, row ${index + 1}`}
              placeholder={cell.title}
              error={form.errorAt(pointer)}
              readOnly={form.isReadOnly}
              autoComplete="off"
              spellCheck={false}
              value={typeof text === 'string' ? text : ''}
              onBlur={() => form.leave(pointer)}
              onChange={(event) => form.setValue(place, event.currentTarget.value)}
            />
          </div>
        );
      })}
    </div>
  );
}

/** A new row: defaults where there are, empty texts, and the rest left out. */
function emptyRow(fields: readonly Field[]): Settings {
  return Object.fromEntries(
    fields.flatMap(({ name, kind, default: usual }) =>
      usual !== undefined ? [[name, usual]] : kind === 'text' ? [[name, '']] : [],
    ),
  );
}
