import { ActionIcon, Button, Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { RegisteredScope } from '#core/model/scope';

interface ScopesInputProps {
  readonly label: string;
  readonly description: string;
  readonly value?: readonly RegisteredScope[];
  readonly onChange: (scopes: RegisteredScope[]) => void;
  readonly error?: React.ReactNode;
}

/** Scopes, each with its mark "granted when none is asked for". */
export function ScopesInput({ label, description, value = [], onChange, error }: ScopesInputProps) {
  const set = (index: number, change: Partial<RegisteredScope>) =>
    onChange(value.map((scope, at) => (at === index ? { ...scope, ...change } : scope)));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" size="sm" fw={600} p={0}>
        {label}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {description}
      </Text>
      <Stack gap={6}>
        {value.map((scope, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity while they are typed
          <Group key={index} gap="xs" wrap="nowrap">
            <TextInput
              aria-label={`Scope ${index + 1}`}
              placeholder="orders:read"
              className="mono"
              style={{ flex: 1 }}
              value={scope.scope}
              onChange={(event) => set(index, { scope: event.currentTarget.value.trim() })}
            />
            <Checkbox
              label="Default"
              checked={scope.default}
              onChange={(event) => set(index, { default: event.currentTarget.checked })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove scope ${scope.scope || index + 1}`}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        {error !== undefined && error !== null && (
          <Text size="xs" c="var(--mantine-color-error)">
            {error}
          </Text>
        )}
        <div>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...value, { scope: '', default: false }])}
          >
            Add scope
          </Button>
        </div>
      </Stack>
    </fieldset>
  );
}
