import { Checkbox, Group, NumberInput, Select, Text } from '@mantine/core';
import { MOST_ALLOWED, type ProductPlan, TIME_UNITS, type TimeUnit } from '#core/model/period';

interface PlanInputProps {
  readonly value?: ProductPlan | null;
  readonly onChange: (plan: ProductPlan | null) => void;
  readonly error?: React.ReactNode;
}

const FIRST: ProductPlan = { allow: 1000, interval: 1, timeUnit: 'day' };

/** The plan of a product: whether there is one, and how many calls in which period. */
export function PlanInput({ value = null, onChange, error }: PlanInputProps) {
  const set = (change: Partial<ProductPlan>) => onChange({ ...(value ?? FIRST), ...change });
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Checkbox
        label="Plan"
        description="Each subscription may make so many calls, over all API projects of the product that have a policy Quota with “Use the plan of the product”."
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? FIRST : null)}
      />
      {value !== null && (
        <Group gap="xs" mt="xs" align="center">
          <NumberInput
            aria-label="Allowed calls"
            w={140}
            min={0}
            max={MOST_ALLOWED}
            allowDecimal={false}
            thousandSeparator=" "
            value={value.allow}
            onChange={(allow) => set({ allow: Number(allow) })}
          />
          <Text size="sm">calls in</Text>
          <NumberInput
            aria-label="Interval"
            w={80}
            min={1}
            max={1000}
            allowDecimal={false}
            value={value.interval}
            onChange={(interval) => set({ interval: Number(interval) })}
          />
          <Select
            aria-label="Time unit"
            w={120}
            allowDeselect={false}
            data={TIME_UNITS.map((unit) => ({ value: unit, label: value.interval === 1 ? unit : `${unit}s` }))}
            value={value.timeUnit}
            onChange={(unit) => set({ timeUnit: unit as TimeUnit })}
          />
        </Group>
      )}
      {error !== undefined && error !== null && (
        <Text size="xs" c="var(--mantine-color-error)" mt={4}>
          {error}
        </Text>
      )}
    </fieldset>
  );
}
