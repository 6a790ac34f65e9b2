import type { TimeUnit } from '#core/model/period';

/** A period of a calendar, epoch ms; the end belongs to the next one. */
export interface Window {
  readonly startAt: number;
  readonly endAt: number;
}

/** How periods are laid out. */
export interface Layout {
  readonly interval: number;
  readonly timeUnit: TimeUnit;
  /** IANA name, e.g. Europe/Berlin. */
  readonly timeZone: string;
  /** Local date or date and time at which one period starts; empty: {@link ANCHOR}. */
  readonly startTime: string;
}

/** The start of a year, a month, a week (it was a Monday), a day and an hour, late enough for zones to have today's offsets. */
const ANCHOR = '2001-01-01T00:00';

const FIXED_MS = { second: 1000, minute: 60_000, hour: 3_600_000 } as const;
/** A rolling month has 30 days. */
const ROLLING_MS = { ...FIXED_MS, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;

/** The length of a period that rolls. */
export function rollingMs({ interval, timeUnit }: Pick<Layout, 'interval' | 'timeUnit'>): number {
  return interval * ROLLING_MS[timeUnit];
}

/**
 * Makes the function that says in which period an instant lies. Seconds, minutes and hours are spans of time; days, weeks and months are those of
 * the time zone's calendar, so that a day may have 23 or 25 hours. The last answer is remembered: an instant in the same period costs nothing.
 * @throws RangeError for a time zone or start that there is not
 */
export function compileWindows(layout: Layout): (now: number) => Window {
  const { startTime, timeZone } = layout;
  const anchor = Temporal.PlainDateTime.from(startTime === '' ? ANCHOR : startTime).toZonedDateTime(timeZone);
  let last: Window = { startAt: 0, endAt: 0 };
  return (now) => {
    if (now < last.startAt || now >= last.endAt) last = findWindow(anchor, layout, now);
    return last;
  };
}

function findWindow(anchor: Temporal.ZonedDateTime, { interval, timeUnit }: Layout, now: number): Window {
  switch (timeUnit) {
    case 'second':
    case 'minute':
    case 'hour': {
      const lengthMs = interval * FIXED_MS[timeUnit];
      const startAt = anchor.epochMilliseconds + Math.floor((now - anchor.epochMilliseconds) / lengthMs) * lengthMs;
      return { startAt, endAt: startAt + lengthMs };
    }
    case 'day':
    case 'week':
    case 'month':
      return calendarWindow(anchor, `${timeUnit}s`, { interval, now });
  }
}

/** Always counted from the anchor, so that months that begin on the 31st do not creep. */
function calendarWindow(
  anchor: Temporal.ZonedDateTime,
  units: 'days' | 'weeks' | 'months',
  { interval, now }: { readonly interval: number; readonly now: number },
): Window {
  const startOf = (n: number): number => anchor.add({ [units]: n * interval }).epochMilliseconds;
  const at = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(anchor.timeZoneId);
  let n = Math.floor(anchor.until(at, { largestUnit: units })[units] / interval);
  while (startOf(n) > now) n -= 1;
  while (startOf(n + 1) <= now) n += 1;
  return { startAt: startOf(n), endAt: startOf(n + 1) };
}
