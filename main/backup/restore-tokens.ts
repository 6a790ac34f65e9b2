import { CliError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import type { Standing } from '#core/standing';
import type { CopiedKind, CopiedRow, TokenStore } from '#core/token-store';
import { standingKey } from '#manager/backup/generations';
import type { ArchivePage } from './archive-reader.ts';
import { pagesOf, type StoresHere } from './stores.ts';
import { type Reviving, restoredRow } from './token-rows.ts';

/** What came of the tokens. */
export interface RestoredTokens {
  /** Rows that were written to each store, by kind. */
  readonly stores: Readonly<Record<string, Readonly<Partial<Record<CopiedKind, number>>>>>;
  /** Tokens, codes and grants that lived in the stores, and were revoked. */
  readonly revoked: number;
  /** Stores that keep nothing. */
  readonly leftOut: readonly string[];
}

/** Kinds of which each row can be revoked by itself; refresh tokens die with their grants. */
const REVOKED_KINDS = ['grant', 'access', 'code'] as const;

/**
 * Writes the tokens of a backup to their stores, and revokes what lives there unless tokens are kept. What a store knows to be dead stays dead
 * (`copyIn`).
 * @returns also the highest standings that the stores know by then, by {@link standingKey}
 */
export async function restoreTokens(
  pages: AsyncIterable<ArchivePage>,
  wish: { readonly here: StoresHere; readonly reviving: Reviving; say(text: string): void },
): Promise<{ readonly restored: RestoredTokens; readonly known: ReadonlyMap<string, Standing> }> {
  const { here, reviving, say } = wish;
  const stores = new Map(here.stores.map(({ name, store }) => [name, store]));
  const written: Record<string, Partial<Record<CopiedKind, number>>> = {};
  for await (const page of pages) {
    if (!('store' in page) || here.left.includes(page.store)) continue;
    const store = stores.get(page.store);
    if (store === undefined)
      throw new CliError(`The backup has tokens of a store "${page.store}" that its own data do not name.`, {
        code: 'backup_damaged',
        exit: EXIT.refused,
      });
    const rows = page.rows.map((row) => restoredRow(row, reviving)).filter((row) => row !== undefined);
    if (rows.length > 0) await store.copyIn(rows);
    const of = written[page.store] ?? {};
    written[page.store] = of;
    for (const { kind } of rows) of[kind] = (of[kind] ?? 0) + 1;
    say(`token store ${page.store}`);
  }
  let revoked = 0;
  const known = new Map<string, Standing>();
  for (const { name, store } of here.stores) {
    say(`token store ${name}: what lives there`);
    if (!reviving.keepTokens) revoked += await revokeAll(store, reviving);
    for (const standing of await store.readStandings()) keepHigher(known, standing);
  }
  return { restored: { stores: written, revoked, leftOut: here.left }, known };
}

async function revokeAll(store: TokenStore, reviving: Reviving): Promise<number> {
  let revoked = 0;
  for (const kind of REVOKED_KINDS)
    for await (const page of pagesOf(store, kind)) {
      const rows = page.filter(isAlive).map((row) => restoredRow(row, reviving));
      const dead = rows.filter((row) => row !== undefined);
      if (dead.length > 0) await store.copyIn(dead);
      revoked += dead.length;
    }
  return revoked;
}

function isAlive(row: CopiedRow): boolean {
  if (row.kind === 'code') return row.consumed === undefined;
  return (row.kind === 'grant' || row.kind === 'access') && row.revoked === undefined;
}

/** Of two with one generation the inactive one counts: nothing is made active. */
function keepHigher(known: Map<string, Standing>, standing: Standing): void {
  const key = standingKey(standing);
  const before = known.get(key);
  const isHigher =
    before === undefined ||
    standing.generation > before.generation ||
    (standing.generation === before.generation && !standing.active);
  if (isHigher) known.set(key, standing);
}
