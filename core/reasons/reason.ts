import type { Facts } from '../facts.ts';
import type { Fix } from '../model/exchange-record.ts';

/** What the catalogue's sentences may use beside the facts: the names around the exchange. */
export interface ReasonContext {
  readonly facts: Facts;
  readonly method: string;
  readonly path: string;
  readonly serverGroup: string;
  /** Name (slug) and display name of the project; empty when no route matched. */
  readonly project: string;
  readonly projectTitle: string;
  /** Name of the policy that refused; empty when none did. */
  readonly policy: string;
}

/**
 * One cause of refusal. Two audiences: the caller gets `status`, `publicCode` and `title` (decision 30: coarser than the cause); the
 * operator gets `sentence` and `fixes` in *why*, log and console.
 */
export interface Reason {
  readonly status: number;
  /** Code that the caller sees; with *Error detail: Verbose* the fine code instead. */
  readonly publicCode: string;
  /** Sentence that the caller sees. */
  readonly title: string;
  /** How a bearer refusal is rendered (RFC 6750 §3); `bare`: realm only. Left out: no WWW-Authenticate. */
  readonly bearer?: 'bare' | 'invalid_token' | 'insufficient_scope' | 'invalid_request';
  /** `error` at the token end point (RFC 6749 §5.2). Left out: a problem document. */
  readonly oauthError?: string;
  /** Operator's sentence. */
  sentence(context: ReasonContext): string;
  /** What would help, most likely first. */
  fixes(context: ReasonContext): readonly Fix[];
}

/** A fact as text; `fallback` when it was not recorded. */
export function fact(context: ReasonContext, name: string, fallback = 'unknown'): string {
  const value = context.facts[name];
  if (value === undefined || value === '') return fallback;
  return Array.isArray(value) ? value.join(' ') || fallback : String(value);
}

/** A fact that is a number; 0 when it was not recorded. */
export function number(context: ReasonContext, name: string): number {
  const value = context.facts[name];
  return typeof value === 'number' ? value : 0;
}

/** `4 min 12 s`, `850 ms`, `2 d 3 h`: a duration in words, its two largest units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const units: [string, number][] = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ];
  let rest = Math.round(ms / 1000);
  const parts: string[] = [];
  for (const [unit, seconds] of units) {
    const n = Math.floor(rest / seconds);
    rest -= n * seconds;
    if (n > 0) parts.push(`${n} ${unit}`);
  }
  return parts.slice(0, 2).join(' ');
}

/** An instant (epoch ms) for people: ISO to the second, UTC. */
export function instant(ms: number): string {
  return ms > 0 ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC` : 'an unknown time';
}

/** The policy's place, for links and commands: `project/policy`. */
export function policyPlace(context: ReasonContext): string {
  return `${context.project || 'PROJECT'}/${context.policy || 'POLICY'}`;
}

/**
 * A path in the console, as a fix has it: segments and query by their names. Without a link when one of them is not known, rather than one
 * that leads to nowhere.
 */
export function linkTo(
  segments: readonly (string | undefined)[],
  query: Readonly<Record<string, string | undefined>> = {},
): { readonly link?: string } {
  const all = [...segments, ...Object.values(query)];
  if (all.some((part) => part === undefined || part === '')) return {};
  const path = segments.map((segment) => `/${encodeURIComponent(segment ?? '')}`).join('');
  const search = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  return { link: search.length === 0 ? path : `${path}?${search.join('&')}` };
}

/** The policy that refused, at one of its fields. */
export function policyLink({ project, policy }: ReasonContext, field?: string): { readonly link?: string } {
  return linkTo(['projects', project, 'policies', policy], field === undefined ? {} : { field });
}

/** A page of a fact's object: `/clients/mobile-shop` of fact `clientName`. */
export function factLink(
  context: ReasonContext,
  place: { readonly page: string; readonly fact: string; readonly field?: string },
): { readonly link?: string } {
  const query = place.field === undefined ? {} : { field: place.field };
  return linkTo([place.page, fact(context, place.fact, '')], query);
}
