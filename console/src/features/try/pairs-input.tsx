import { ActionIcon, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Pair } from './call.ts';

/** Rows of a name and a value. `one`: what a row is, e.g. `Header`. */
export function PairsInput({
  label,
  one,
  value = [],
  onChange,
}: {
  readonly label: string;
  readonly one: string;
  readonly value?: readonly Pair[];
  readonly onChange: (pairs: Pair[]) => void;
}) {
  const set = (index: number, change: Partial<Pair>) =>
    onChange(value.map((pair, at) => (at === index ? { ...pair, ...change } : pair)));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" size="sm" fw={600} p={0} mb={4}>
        {label}
      </Text>
      <Stack gap={6}>
        {value.map((pair, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed
          <Group key={index} gap={6} wrap="nowrap">
            <TextInput
              aria-label={`${one} ${index + 1}, name`}
              placeholder="Name"
              style={{ flex: 1 }}
              value={pair.name}
              onChange={(event) => set(index, { name: event.currentTarget.value })}
            />
            <TextInput
              aria-label={`${one} ${index + 1}, value`}
              placeholder="Value"
              style={{ flex: 2 }}
              value={pair.value}
              onChange={(event) => set(index, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${one.toLowerCase()} ${index + 1}`}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...value, { name: '', value: '' }])}
          >
            Add {one.toLowerCase()}
          </Button>
        </div>
      </Stack>
    </fieldset>
  );
}
