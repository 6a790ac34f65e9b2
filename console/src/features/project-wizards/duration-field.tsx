import { Select, TextInput } from '@mantine/core';
import { formatDuration } from '../../components/format.ts';
import classes from './wizard.module.css';

const UNITS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const;
export type DurationUnit = keyof typeof UNITS;

/** A duration as it is typed. */
export interface TypedDuration {
  readonly text: string;
  readonly unit: DurationUnit;
}

/** Milliseconds; undefined when it is no whole number. */
export function millisecondsOf({ text, unit }: TypedDuration): number | undefined {
  const digits = text.replaceAll(/[\s_’']/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) * UNITS[unit] : undefined;
}

interface DurationFieldProps {
  readonly label: string;
  readonly description: string;
  readonly value: TypedDuration;
  readonly onChange: (value: TypedDuration) => void;
  readonly onBlur?: () => void;
  readonly error?: React.ReactNode;
}

/** A number with its unit, and what that is in words: 600000 ms = 10 min. */
export function DurationField({ label, description, value, onChange, onBlur, error }: DurationFieldProps) {
  const ms = millisecondsOf(value);
  return (
    <TextInput
      label={label}
      description={description}
      required
      inputMode="numeric"
      value={value.text}
      error={error}
      inputContainer={(input) => (
        <div className={classes.duration}>
          {input}
          <Select
            aria-label={`Unit of ${label}`}
            data={Object.keys(UNITS)}
            value={value.unit}
            allowDeselect={false}
            onChange={(unit) => onChange({ ...value, unit: (unit ?? 'ms') as DurationUnit })}
          />
          <span className={classes.equals} aria-live="polite">
            {ms === undefined || ms === 0 ? '' : `= ${formatDuration(ms)}`}
          </span>
        </div>
      )}
      onChange={(event) => onChange({ ...value, text: event.currentTarget.value })}
      {...(onBlur !== undefined && { onBlur })}
    />
  );
}
