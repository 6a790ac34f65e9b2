import { Group, Input, NumberInput, Select, Text } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { formatDuration } from '../components/format.ts';

const UNITS = [
  { value: 'ms', label: 'ms', factor: 1 },
  { value: 's', label: 's', factor: 1_000 },
  { value: 'min', label: 'min', factor: 60_000 },
  { value: 'h', label: 'h', factor: 3_600_000 },
  { value: 'd', label: 'd', factor: 86_400_000 },
] as const;

interface DurationInputProps {
  readonly label: string;
  readonly description?: ReactNode;
  /** Milliseconds; undefined: nothing is written. */
  readonly value: number | undefined;
  readonly onChange: (ms: number | undefined) => void;
  readonly onBlur?: () => void;
  readonly error?: ReactNode;
  readonly isRequired?: boolean;
  readonly isReadOnly?: boolean;
  /** Shown while nothing is written, in milliseconds: the default that holds then. */
  readonly fallback?: number;
}

/** A length of time: a number and its unit, with the same in words beside it: 600000 ms = 10 min. */
export function DurationInput(props: DurationInputProps) {
  const { label, value, onChange, isReadOnly = false, fallback } = props;
  const [unit, setUnit] = useState<(typeof UNITS)[number]>(UNITS[0]);
  const id = useId();
  const words = value === undefined || value < 1 ? undefined : formatDuration(value);
  return (
    <Input.Wrapper
      id={id}
      label={label}
      description={props.description}
      error={props.error}
      withAsterisk={props.isRequired ?? false}
    >
      <Group gap={6} wrap="nowrap" mt={6}>
        <NumberInput
          id={id}
          flex={1}
          error={props.error !== undefined}
          readOnly={isReadOnly}
          allowNegative={false}
          clampBehavior="none"
          placeholder={fallback === undefined ? '' : String(fallback / unit.factor)}
          value={value === undefined ? '' : value / unit.factor}
          onChange={(next) =>
            onChange(typeof next === 'number' ? Math.round(next * unit.factor) : next === '' ? undefined : value)
          }
          {...(props.onBlur && { onBlur: props.onBlur })}
        />
        <Select
          w={78}
          aria-label={`Unit of ${label}`}
          data={UNITS.map(({ value: name, label: shown }) => ({ value: name, label: shown }))}
          value={unit.value}
          allowDeselect={false}
          readOnly={isReadOnly}
          onChange={(next) => setUnit(UNITS.find((known) => known.value === next) ?? UNITS[0])}
        />
      </Group>
      {words !== undefined && (
        <Text size="xs" c="dimmed" mt={4} className="num" aria-live="polite">
          = {words}
        </Text>
      )}
    </Input.Wrapper>
  );
}
