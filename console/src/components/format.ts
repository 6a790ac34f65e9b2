/** Numbers, times and words as the console writes them. */

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const dateTimeZone = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const clockTime = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const minuteTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayTime = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS = [
  { ms: DAY, name: 'd' },
  { ms: HOUR, name: 'h' },
  { ms: MINUTE, name: 'min' },
  { ms: SECOND, name: 's' },
] as const;

/** `1 248`, `15.2`. */
export function formatNumber(value: number): string {
  return number.format(value);
}

/** `82 ms`, `3 s`. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms >= 10_000) return `${number.format(ms / 1000)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** A share from 0 to 1 as `15.2%`; a dash when there was nothing to divide. */
export function formatShare(part: number, whole: number): string {
  return whole === 0 ? '–' : `${number.format((100 * part) / whole)}%`;
}

/** `22 Nov 2026, 13:04:58`, in the person's own zone. */
export function formatTime(at: number): string {
  return dateTime.format(at);
}

/** The same with weekday and zone. */
export function formatTimeInFull(at: number): string {
  return dateTimeZone.format(at);
}

/** An instant on the axis of a chart that spans so long: `12:40`, with seconds below ten minutes, with the day above a day. */
export function formatTick(at: number, spanMs: number): string {
  if (spanMs > DAY) return dayTime.format(at);
  return spanMs < 10 * MINUTE ? clockTime.format(at) : minuteTime.format(at);
}

/** `13:04:58.412`. */
export function formatClock(at: number): string {
  return `${clockTime.format(at)}.${String(Math.floor(at % 1000)).padStart(3, '0')}`;
}

/** A duration in its two largest units: `4 min 12 s`, `10 min`, `350 ms`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  const parts: string[] = [];
  let rest = Math.floor(ms / SECOND) * SECOND;
  for (const unit of UNITS) {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    if (count > 0) parts.push(`${count} ${unit.name}`);
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** How long ago: `12 s ago`, `3 d ago`; `just now` below a second, `in 4 min` for what is to come. */
export function formatAgo(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < SECOND) return 'just now';
  const unit = UNITS.find((candidate) => Math.abs(ms) >= candidate.ms) ?? UNITS[3];
  const count = Math.floor(Math.abs(ms) / unit.ms);
  return ms > 0 ? `${count} ${unit.name} ago` : `in ${count} ${unit.name}`;
}

/** `1 change`, `2 changes`. */
export function plural(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
