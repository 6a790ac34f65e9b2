import { Select, type SelectProps } from '@mantine/core';
import { useState } from 'react';
import type { Directory } from '#core/model/directory';
import { useDirectories } from './use-directories.ts';

/** Chooses a directory by its name. What there is is asked for when it is opened. */
export function DirectorySelect({
  value,
  onChange,
  ...rest
}: Omit<SelectProps, 'data' | 'value' | 'onChange'> & {
  readonly value: string | undefined;
  readonly onChange: (chosen: Directory | undefined) => void;
}) {
  const [wasOpened, setOpened] = useState(false);
  const directories = useDirectories(wasOpened);
  const found = directories.map(({ name, displayName }) => ({ value: name, label: displayName }));
  const isKnown = value === undefined || found.some((option) => option.value === value);
  return (
    <Select
      {...rest}
      onDropdownOpen={() => setOpened(true)}
      data={isKnown ? found : [{ value, label: value }, ...found]}
      value={value ?? null}
      onChange={(name) => onChange(directories.find((directory) => directory.name === name))}
    />
  );
}
