/** Units of a duration, in milliseconds. */
export const DURATION_UNITS = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 } as const;
export type DurationUnit = keyof typeof DURATION_UNITS;

/** A duration as it is typed. */
export interface TypedDuration {
  readonly text: string;
  readonly unit: DurationUnit;
}

/** Milliseconds; undefined when it is no whole number. */
export function millisecondsOf({ text, unit }: TypedDuration): number | undefined {
  const digits = text.replaceAll(/[\s_’']/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) * DURATION_UNITS[unit] : undefined;
}
