import { usageError } from './cli-error.ts';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Milliseconds of `500ms`, `30s`, `15m`, `24h`, `7d`, `1h30m`, or `0`.
 * @throws CliError (usage) for anything else, a bare number too: its unit would be a guess
 */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw usageError(`"${text}" is not a duration. Write a number and a unit: 500ms, 30s, 15m, 24h, 7d.`);
  }
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0));
}

/**
 * Epoch milliseconds of a moment given as an ISO time, as epoch milliseconds, or as a duration from now (`30d`).
 * @throws CliError (usage)
 */
export function parseMoment(text: string, now: number): number {
  if (/^\d{12,}$/.test(text)) return Number(text);
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
  }
  if (/^\+?\d+(\.\d+)?[a-z]/.test(text)) return now + parseDuration(text.replace('+', ''));
  throw usageError(`"${text}" is not a time. Write 2027-01-31, 2027-01-31T12:00:00Z, or 30d for "in 30 days".`);
}

/** `0.4 s`, `31 ms`, `12 s`: how long something took. */
export function took(ms: number): string {
  if (ms < 100) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

/** `13:04:58`, in the local time zone. */
export function clockTime(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

/** `2026-10-31 13:04`, in the local time zone; `–` for none. */
export function dateTime(at: number | undefined): string {
  if (at === undefined || at <= 0) return '–';
  const time = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
