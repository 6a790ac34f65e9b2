import {
  Checkbox,
  Group,
  Input,
  NumberInput,
  SegmentedControl,
  Select,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { DurationInput } from './duration-input.tsx';
import type { ChoiceField, Field, NumberField } from './field.ts';
import { useFormContext } from './form-context.ts';
import { GroupInput } from './group-input.tsx';
import { JsonInput } from './json-input.tsx';
import { NameInput } from './name-input.tsx';
import { RowsInput } from './rows-input.tsx';
import { pointerOf, type SettingsPath } from './settings-path.ts';

/** Most choices that are shown side by side. */
const SEGMENTS = 3;

interface FieldInputProps<Kind extends Field = Field> {
  readonly field: Kind;
  readonly path: SettingsPath;
  readonly value: unknown;
}

/** A setting's input. Left out settings show their default. */
export function SchemaField({ field, path, value }: FieldInputProps) {
  return <div data-pointer={pointerOf(path)}>{inputFor({ field, path, value: value ?? field.default })}</div>;
}

function inputFor(props: FieldInputProps): ReactNode {
  const { field, path, value } = props;
  switch (field.kind) {
    case 'text':
      return <TextSetting {...props} field={field} />;
    case 'number':
      return <NumberSetting {...props} field={field} />;
    case 'switch':
      return <SwitchSetting {...props} />;
    case 'choice':
      return <ChoiceSetting {...props} field={field} />;
    case 'name':
      return <NameInput field={field} path={path} value={value} />;
    case 'choices':
      return <ChoicesSetting {...props} field={field} />;
    case 'tags':
      return <TagsSetting {...props} />;
    case 'rows':
      return <RowsInput field={field} path={path} value={Array.isArray(value) ? value : []} />;
    case 'group':
      return <GroupInput field={field} path={path} value={value} />;
    case 'json':
      return <JsonInput field={field} path={path} value={value} />;
  }
}

/** What inputs have in common. */
function useInput({ field, path }: FieldInputProps) {
  const form = useFormContext();
  const pointer = pointerOf(path);
  return {
    set: (value: unknown) => form.setValue(path, value),
    isReadOnly: form.isReadOnly,
    common: {
      label: field.title,
      ...(field.description !== undefined && { description: field.description }),
      error: form.errorAt(pointer),
      withAsterisk: field.isRequired,
      onBlur: () => form.leave(pointer),
    },
  };
}

function TextSetting(props: FieldInputProps<Extract<Field, { kind: 'text' }>>) {
  const { set, common, isReadOnly } = useInput(props);
  const value = typeof props.value === 'string' ? props.value : '';
  const Input = props.field.isMultiline ? Textarea : TextInput;
  return (
    <Input
      {...common}
      {...(props.field.isMultiline && { minRows: 4, maxRows: 14, autosize: true, classNames: { input: 'mono' } })}
      readOnly={isReadOnly}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event: { readonly currentTarget: { readonly value: string } }) => set(event.currentTarget.value)}
    />
  );
}

function NumberSetting(props: FieldInputProps<NumberField>) {
  const { set, common, isReadOnly } = useInput(props);
  const { field } = props;
  const value = typeof props.value === 'number' ? props.value : undefined;
  const fallback = typeof field.default === 'number' ? field.default : undefined;
  if (field.unit === 'ms')
    return (
      <DurationInput
        {...common}
        value={value}
        onChange={set}
        isRequired={field.isRequired}
        isReadOnly={isReadOnly}
        {...(fallback !== undefined && { fallback })}
      />
    );
  return (
    <NumberInput
      {...common}
      readOnly={isReadOnly}
      allowDecimal={!field.isInteger}
      clampBehavior="none"
      {...(field.unit !== undefined && { suffix: ` ${field.unit}` })}
      {...(fallback !== undefined && { placeholder: String(fallback) })}
      value={value ?? ''}
      onChange={(next) => set(next === '' ? undefined : Number(next))}
    />
  );
}

function SwitchSetting(props: FieldInputProps) {
  const { set, common, isReadOnly } = useInput(props);
  const { withAsterisk: _, ...rest } = common;
  return (
    <Switch
      {...rest}
      checked={props.value === true}
      disabled={isReadOnly}
      onChange={(event) => set(event.currentTarget.checked)}
    />
  );
}

function ChoiceSetting(props: FieldInputProps<ChoiceField>) {
  const { set, common, isReadOnly } = useInput(props);
  const { field, value } = props;
  const id = useId();
  const data = field.choices.map((choice) => ({ value: choice.value, label: choice.title }));
  if (data.length > SEGMENTS || typeof value !== 'string')
    return (
      <Select
        {...common}
        data={data}
        value={typeof value === 'string' ? value : null}
        readOnly={isReadOnly}
        clearable={!field.isRequired && field.default === undefined}
        allowDeselect={false}
        onChange={(next) => set(next ?? undefined)}
      />
    );
  const { label, onBlur, ...wrapper } = common;
  return (
    <Input.Wrapper {...wrapper} label={label} labelElement="div" labelProps={{ id }}>
      <SegmentedControl
        fullWidth
        mt={6}
        aria-labelledby={id}
        data={data}
        value={value}
        readOnly={isReadOnly}
        onBlur={onBlur}
        onChange={set}
      />
    </Input.Wrapper>
  );
}

function ChoicesSetting(props: FieldInputProps<Extract<Field, { kind: 'choices' }>>) {
  const { set, common, isReadOnly } = useInput(props);
  const { choices } = props.field;
  const value = Array.isArray(props.value) ? props.value.filter((item) => typeof item === 'string') : [];
  // In the order of the schema, so that ticking off and on again is no change.
  const inOrder = (next: readonly string[]) =>
    choices.map((choice) => choice.value).filter((one) => next.includes(one));
  return (
    <Checkbox.Group {...common} value={value} onChange={(next) => set(inOrder(next))}>
      <Group gap="md" mt={8}>
        {choices.map((choice) => (
          <Checkbox key={choice.value} value={choice.value} label={choice.title} disabled={isReadOnly} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

function TagsSetting(props: FieldInputProps) {
  const { set, common, isReadOnly } = useInput(props);
  const value = Array.isArray(props.value) ? props.value.map(String) : [];
  return (
    <TagsInput
      {...common}
      value={value}
      readOnly={isReadOnly}
      splitChars={[',', ' ']}
      acceptValueOnBlur
      {...(value.length === 0 && !isReadOnly && { placeholder: 'Type, then Enter' })}
      onChange={set}
    />
  );
}
