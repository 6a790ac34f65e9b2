import { Select, TextInput } from '@mantine/core';
import { formatDuration } from '../../components/format.ts';
import { DURATION_UNITS, type DurationUnit, millisecondsOf, type TypedDuration } from './duration.ts';
import classes from './wizard.module.css';

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
            data={Object.keys(DURATION_UNITS)}
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
