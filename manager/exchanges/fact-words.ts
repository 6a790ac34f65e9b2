import type { Facts } from '#core/facts';
import { duration, instant } from '#core/reasons/reason';

/** A fact for people: what it is, and its value. */
export interface FactWords {
  readonly label: string;
  readonly value: string;
}

const LABELS: Readonly<Record<string, string>> = {
  at: 'When',
  by: 'Who',
  has: 'Scopes it has',
  needs: 'Scopes needed',
  match: 'Scopes must match',
  lookedIn: 'Looked for in',
  foundIn: 'Found in',
  store: 'Stores asked',
  sni: 'Connection for host',
  sinceMs: 'Last heard of',
  expiredForMs: 'Expired before the call',
  issuedIn: 'Issued in',
  usedIn: 'Used in',
  clientName: 'Client name',
  tokenProject: 'Token end point',
  what: 'Bound',
};

/** The facts of an exchange as labels and values, in the order in which they were recorded. */
export function factWords(facts: Facts): FactWords[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    const words = value === undefined || value === '' ? '' : textOf(name, value);
    return words === '' ? [] : [{ label: labelOf(name), value: words }];
  });
}

function labelOf(name: string): string {
  const words = name
    .replace(/(?:Ms|Bytes)$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return LABELS[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(name: string, value: string | number | boolean | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number') return value.join(' ');
  if (name.endsWith('Ms')) return duration(value);
  if (name.endsWith('Bytes')) return `${value} bytes`;
  return name === 'at' || name.endsWith('At') ? instant(value) : String(value);
}
