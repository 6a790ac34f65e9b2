import { Select, TextInput } from '@mantine/core';
import type { Permission } from '#core/model/role';
import type { ListPage } from '../api/page.ts';
import { useRight } from '../api/session.ts';
import { useApi } from '../components/loaded.tsx';
import type { NameField } from './field.ts';
import { useFormContext } from './form-context.ts';
import { pointerOf, type SettingsPath } from './settings-path.ts';

/** What is offered; there are few. */
const OFFERED = 100;
/** A select has no choice without a value. */
const NONE = ' ';

interface Named {
  readonly name: string;
  readonly displayName: string;
  readonly isDefault?: boolean;
}

/** Chooses one of a list of the API by its name; whoever may not read the list writes the name. */
export function NameInput({
  field,
  path,
  value,
}: {
  readonly field: NameField;
  readonly path: SettingsPath;
  readonly value: unknown;
}) {
  const form = useFormContext();
  // A list is called as the right to read it.
  const right = useRight(`${field.list}:read` as Permission);
  const { data } = useApi<ListPage<Named>>(`/${field.list}`, { query: { limit: OFFERED }, enabled: right.allowed });
  const pointer = pointerOf(path);
  const name = typeof value === 'string' ? value : '';
  const common = {
    label: field.title,
    ...(field.description !== undefined && { description: field.description }),
    error: form.errorAt(pointer),
    withAsterisk: field.isRequired,
    readOnly: form.isReadOnly,
    onBlur: () => form.leave(pointer),
  };
  if (!right.allowed)
    return (
      <TextInput
        {...common}
        autoComplete="off"
        spellCheck={false}
        value={name}
        onChange={(event) => form.setValue(path, event.currentTarget.value)}
      />
    );
  const items = data?.items ?? [];
  const usual = items.find(({ isDefault }) => isDefault === true);
  const none = usual === undefined ? 'Default' : `Default (${usual.displayName})`;
  const options = items.map((item) => ({ value: item.name, label: item.displayName }));
  // One that is not there any more stays as it is written.
  const isKnown = name === '' || items.some((item) => item.name === name);
  return (
    <Select
      {...common}
      data={[{ value: NONE, label: none }, ...(isKnown ? [] : [{ value: name, label: name }]), ...options]}
      value={name === '' ? NONE : name}
      allowDeselect={false}
      onChange={(chosen) => form.setValue(path, chosen === NONE ? '' : (chosen ?? ''))}
    />
  );
}
