import { ActionIcon, Fieldset, Group, Select, Stack, Switch, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import type { Attachment } from '#core/model/endpoint';
import type { Policy } from '#core/model/policy';

/** The policies of a chain in their order: added, moved, switched off, taken out. */
export function ChainMembers({
  value,
  onChange,
  policies,
  isReadOnly,
}: {
  readonly value: readonly Attachment[];
  readonly onChange: (next: readonly Attachment[]) => void;
  readonly policies: readonly Policy[];
  readonly isReadOnly: boolean;
}) {
  const titles = new Map(policies.map(({ name, displayName }) => [name, displayName]));
  const others = policies.filter(({ name }) => !value.some(({ policy }) => policy === name));
  const move = (index: number, by: number) => {
    const [moved] = value.slice(index, index + 1);
    if (moved !== undefined) onChange(value.toSpliced(index, 1).toSpliced(index + by, 0, moved));
  };
  return (
    <Fieldset legend="Policies, in their order">
      <Stack gap="xs">
        {value.map(({ policy, enabled }, index) => {
          const title = titles.get(policy) ?? policy;
          return (
            <Group key={policy} gap={6} wrap="nowrap">
              <Text size="sm" flex={1} fw={550} style={{ overflowWrap: 'anywhere' }}>
                {index + 1}. {title}
              </Text>
              <Switch
                aria-label={`${title} is on`}
                checked={enabled}
                disabled={isReadOnly}
                onChange={(event) => onChange(value.with(index, { policy, enabled: event.currentTarget.checked }))}
              />
              <RowAction
                label={`Move ${title} up`}
                icon={IconArrowUp}
                isOff={isReadOnly || index === 0}
                onClick={() => move(index, -1)}
              />
              <RowAction
                label={`Move ${title} down`}
                icon={IconArrowDown}
                isOff={isReadOnly || index === value.length - 1}
                onClick={() => move(index, 1)}
              />
              <RowAction
                label={`Take ${title} out`}
                icon={IconTrash}
                isOff={isReadOnly}
                onClick={() => onChange(value.toSpliced(index, 1))}
              />
            </Group>
          );
        })}
        {!isReadOnly && (
          <Select
            aria-label="Add a policy"
            placeholder={others.length === 0 ? 'Every policy of the project is in it' : 'Add a policy of this project'}
            disabled={others.length === 0}
            searchable
            value={null}
            data={others.map(({ name, displayName }) => ({ value: name, label: displayName }))}
            onChange={(name) => name !== null && onChange([...value, { policy: name, enabled: true }])}
          />
        )}
      </Stack>
    </Fieldset>
  );
}

function RowAction({
  label,
  icon: Icon,
  isOff,
  onClick,
}: {
  readonly label: string;
  readonly icon: typeof IconTrash;
  readonly isOff: boolean;
  readonly onClick: () => void;
}) {
  return (
    <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} disabled={isOff} onClick={onClick}>
      <Icon size={16} />
    </ActionIcon>
  );
}
