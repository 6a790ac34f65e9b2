import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Generations, Standing, StandingKind } from '#core/standing';
import type { RevocationNote, TokenDetails } from '#core/token-store';

/** A row as an array: its columns in the order of the query. */
export type Row = readonly SQLOutputValue[];

/** A query whose rows are arrays. */
export interface Query {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
}

/** Prepares a query. */
export function prepareQuery(database: DatabaseSync, text: string): Query {
  const statement = database.prepare(text);
  statement.setReturnArrays(true);
  return {
    get: (...values) => statement.get(...values) as Row | undefined,
    all: (...values) => statement.all(...values) as unknown as Row[],
  };
}

/** The columns of a standing, in the order of {@link parseStanding}. */
export const STANDING_COLUMNS = 'generation, active, by, at, reason';

/** A standing whose five columns begin at `offset`; undefined where none was written. */
export function parseStanding(kind: StandingKind, id: string, row: Row, offset: number): Standing | undefined {
  if (row[offset] === null || row[offset] === undefined) return undefined;
  return {
    kind,
    id,
    generation: Number(row[offset]),
    active: row[offset + 1] === 1,
    by: String(row[offset + 2]),
    at: Number(row[offset + 3]),
    reason: parseText(row[offset + 4]),
  };
}

/** The note of a revocation whose columns at, by and reason begin at `offset`; undefined where there was none. */
export function parseRevocation(row: Row, offset: number): RevocationNote | undefined {
  if (row[offset] === null) return undefined;
  return { at: Number(row[offset]), by: String(row[offset + 1]), reason: parseText(row[offset + 2]) };
}

/** The generations whose columns client, subscription, secret and subject begin at `offset`. */
export function parseGenerations(row: Row, offset: number, isSecretUsed: boolean): Generations {
  const secret = isSecretUsed ? { secret: Number(row[offset + 2]) } : {};
  const subject = row[offset + 3] === null ? {} : { subject: Number(row[offset + 3]) };
  return { client: Number(row[offset]), subscription: Number(row[offset + 1]), ...secret, ...subject };
}

/** Text, or undefined where there is none. */
export function parseText(value: SQLOutputValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

/** Scopes that were joined by spaces. */
export function parseScopes(value: SQLOutputValue | undefined): readonly string[] {
  const text = String(value);
  return text === '' ? [] : text.split(' ');
}

/** Additional parameters of a token or grant. */
export function parseParameters(value: SQLOutputValue | undefined): Readonly<Record<string, string>> {
  return value === null ? {} : (JSON.parse(String(value)) as Record<string, string>);
}

/** `details` of a token or grant, to be spread: nothing where there are none. */
export function parseDetails(value: SQLOutputValue | undefined): { readonly details?: TokenDetails } {
  return value === null ? {} : { details: JSON.parse(String(value)) as TokenDetails };
}
