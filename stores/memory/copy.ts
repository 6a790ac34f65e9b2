import type { CopiedKind, CopiedPage, CopiedRow } from '#core/token-store';

/** Rows of one kind with the keys under which they are held. */
export type KeyedRows = Iterable<readonly [key: string, row: CopiedRow]>;

/**
 * A page by key: each row that stays is in one, whatever comes and goes. Sorts all keys for each page: this engine is for little.
 * @param after the last key of the page before
 */
export function pageByKey(rows: KeyedRows, after: string | undefined, limit: number): CopiedPage {
  const later = [...rows].filter(([key]) => after === undefined || key > after);
  const page = later.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit);
  return { rows: page.map(([, row]) => row), next: later.length > limit ? page.at(-1)?.[0] : undefined };
}

/** Where the rows of each kind are. */
export type RowsByKind = Readonly<Record<CopiedKind, () => KeyedRows>>;

/** The rows of a map, each made a copied row. */
export function* keyed<Value>(
  entries: Iterable<readonly [string, Value]>,
  row: (value: Value, key: string) => CopiedRow,
): KeyedRows {
  for (const [key, value] of entries) yield [key, row(value, key)];
}
