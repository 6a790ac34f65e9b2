import { NumberInput, Select, Stack, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { Fold } from '../../components/fold.tsx';
import { STORE_FIELDS, type StoreField } from './store-fields.ts';
import type { SettingsName } from './store-kinds.ts';
import type { StoreValues } from './store-values.ts';

interface SettingsFieldsProps {
  readonly form: UseFormReturnType<StoreValues>;
  readonly name: SettingsName;
  /** True: a password is kept. */
  readonly hasPassword: boolean;
  readonly isReadOnly?: boolean;
}

/** The settings of one kind of token store: first what is decided, then, folded, what has good defaults. */
export function SettingsFields({ form, name, hasPassword, isReadOnly = false }: SettingsFieldsProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  const own = form.values[name];
  const shown = STORE_FIELDS[name].filter(({ isShown }) => isShown?.(own) !== false);
  const advanced = shown.filter(({ isAdvanced }) => isAdvanced === true);
  const isWrongInside = advanced.some((field) => form.errors[`${name}.${field.name}`] !== undefined);
  const input = (field: StoreField) => (
    <FieldInput key={field.name} {...{ form, name, field, hasPassword, isReadOnly }} />
  );
  return (
    <>
      {shown.filter(({ isAdvanced }) => isAdvanced !== true).map(input)}
      {advanced.length > 0 && (
        <Fold title="Advanced" isOpen={isUnfolded || isWrongInside} onToggle={setUnfolded}>
          <Stack>{advanced.map(input)}</Stack>
        </Fold>
      )}
    </>
  );
}

function FieldInput({
  form,
  name,
  field,
  hasPassword,
  isReadOnly,
}: SettingsFieldsProps & { readonly field: StoreField }) {
  const path = `${name}.${field.name}`;
  const common = {
    label: field.label,
    ...(field.description !== undefined && { description: field.description }),
    ...(field.placeholder !== undefined && { placeholder: field.placeholder }),
    withAsterisk: field.isRequired === true,
    readOnly: isReadOnly === true,
  };
  switch (field.input) {
    case 'text':
      return <TextInput {...common} autoComplete="off" spellCheck={false} {...form.getInputProps(path)} />;
    case 'list':
      return <TagsInput {...common} splitChars={[',', ' ']} acceptValueOnBlur {...form.getInputProps(path)} />;
    case 'number':
      return (
        <NumberInput
          {...common}
          allowDecimal={false}
          clampBehavior="none"
          {...(field.suffix !== undefined && { suffix: field.suffix })}
          {...form.getInputProps(path)}
        />
      );
    case 'switch':
      return (
        <Switch
          label={field.label}
          {...(field.description !== undefined && { description: field.description })}
          disabled={isReadOnly === true}
          {...form.getInputProps(path, { type: 'checkbox' })}
        />
      );
    case 'choice':
      return (
        <Select {...common} data={[...(field.choices ?? [])]} allowDeselect={false} {...form.getInputProps(path)} />
      );
    case 'pem':
      return (
        <Textarea
          {...common}
          classNames={{ input: 'mono' }}
          autosize
          minRows={3}
          maxRows={10}
          {...form.getInputProps(path)}
        />
      );
    case 'password':
      return (
        <TextInput
          {...common}
          type="password"
          autoComplete="new-password"
          description={
            hasPassword ? 'One is kept, encrypted. Type to replace it.' : 'Kept encrypted and never shown again.'
          }
          {...(hasPassword && { placeholder: 'Kept' })}
          {...form.getInputProps(path)}
        />
      );
  }
}
