import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { ProjectRow } from '#core/model/overview/screens';
import type { ListPage } from '../../api/page.ts';
import { useApi } from '../../components/loaded.tsx';

/** Chooses an API project by a part of its name; none: all of them. */
export function ProjectSelect({
  value,
  onChange,
  label,
  isRequired = false,
  size = 'sm',
}: {
  readonly value: string | undefined;
  readonly onChange: (name: string | undefined) => void;
  /** A label above it; left out: it is named for assistive technology only. */
  readonly label?: string;
  readonly isRequired?: boolean;
  readonly size?: 'xs' | 'sm';
}) {
  const [text, setText] = useState('');
  // Asked when it is opened, or when the one that is chosen has to be named.
  const [wasOpened, setOpened] = useState(false);
  const [asked] = useDebouncedValue(text, 200);
  const { data } = useApi<ListPage<ProjectRow>>('/overview/projects', {
    query: { q: asked, limit: 50 },
    enabled: wasOpened || value !== undefined,
  });
  const found = (data?.items ?? []).map((project) => ({ value: project.name, label: project.displayName }));
  const isKnown = value === undefined || found.some((option) => option.value === value);
  return (
    <Select
      {...(label === undefined ? { 'aria-label': 'API project', w: 190 } : { label })}
      placeholder={isRequired ? 'Choose a project' : 'All API projects'}
      clearable={!isRequired}
      required={isRequired}
      size={size}
      searchable
      onDropdownOpen={() => setOpened(true)}
      nothingFoundMessage="No API project has this in its name."
      searchValue={text}
      onSearchChange={setText}
      data={isKnown ? found : [{ value, label: value }, ...found]}
      filter={({ options }) => options}
      value={value ?? null}
      onChange={(name) => onChange(name ?? undefined)}
    />
  );
}
