import type { FeedTokenStore } from '#core/change-feed';
import { tokenStorePasswordContext } from '#core/change-feed';
import { CONFIGURED_STORE, type TokenStorePlace, type TokenStoreView } from '#core/model/token-store';
import type { SecretBox } from '#core/secret-box';
import type { WantedStore } from '#core/token-stores';
import type { Reader } from '../database.ts';
import { migrationOf } from '../token-stores/move.ts';
import type { TokenStoreTable } from '../token-stores/tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** What of a token store stands in `data`: the settings of its kind, under the kind's own name. */
export type TokenStoreSettings = Pick<TokenStoreView, 'redis' | 'sqlite' | 'postgres' | 'cassandra' | 'embedded'>;

/** A token store but for what only a running manager knows: who uses it and how it does. */
export type StoredTokenStore = Omit<TokenStoreView, 'usedBy' | 'health'>;

/** A token store as it may be shown: never its password. @param configuredKind of this manager's own configuration */
export function parseTokenStore(row: TokenStoreTable, configuredKind: string): StoredTokenStore {
  const isConfigured = row.name === CONFIGURED_STORE;
  const migration = migrationOf(row);
  return {
    ...recordFieldsOf(row),
    ...(dataOf(row) as TokenStoreSettings),
    kind: (isConfigured ? configuredKind : row.kind) as TokenStoreView['kind'],
    isDefault: row.is_default === 1,
    isConfigured,
    hasPassword: row.credentials !== null,
    ...(migration !== undefined && { migration }),
  };
}

/** Where a token store is, without its password; undefined for the one of the configuration. */
function settingsOf(row: TokenStoreTable): TokenStorePlace | undefined {
  if (row.name === CONFIGURED_STORE) return undefined;
  return { kind: row.kind, ...dataOf(row) } as TokenStorePlace;
}

/** The same with its password. @throws SealError */
export function placeOfRow(row: TokenStoreTable, box: SecretBox): TokenStorePlace | undefined {
  const place = settingsOf(row);
  if (place === undefined || row.credentials === null) return place;
  const password = box.open(row.credentials, tokenStorePasswordContext(row.id)).toString();
  return { ...place, password } as TokenStorePlace;
}

/** Every token store, as this manager opens them. @throws SealError */
export async function readWantedStores(reader: Reader, box: SecretBox): Promise<readonly WantedStore[]> {
  const rows = await reader.selectFrom('token_stores').selectAll().orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    place: placeOfRow(row, box),
    isDefault: row.is_default === 1,
    defaultUntil: row.default_until === null ? undefined : Number(row.default_until),
    movesTo: row.moves_to ?? undefined,
    isMoved: row.moved_at !== null,
  }));
}

/** @throws ProblemError `not_found` */
export async function getTokenStoreRow(reader: Reader, reference: string): Promise<TokenStoreTable> {
  const row = await reader
    .selectFrom('token_stores')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('token store', reference);
  return row;
}

/** Puts a token store into the change feed. */
export function publishTokenStore(unit: Unit, row: TokenStoreTable): void {
  const settings = settingsOf(row);
  const payload: FeedTokenStore = {
    ...{ id: row.id, name: row.name, isDefault: row.is_default === 1 },
    ...(row.default_until !== null && { defaultUntil: Number(row.default_until) }),
    ...(row.moves_to !== null && { movesTo: row.moves_to, isMoved: row.moved_at !== null }),
    ...(settings !== undefined && { settings: JSON.stringify(settings) }),
    ...(row.credentials !== null && { passwordSealed: row.credentials }),
  };
  unit.publish('token-store', row.id, payload);
}

/** Seals passwords with the current master key, where they are not. Gives how many records changed. */
export async function resealTokenStorePasswords(unit: Unit, box: SecretBox): Promise<number> {
  const rows = await unit.tx.selectFrom('token_stores').selectAll().execute();
  let changed = 0;
  for (const row of rows) {
    if (row.credentials === null) continue;
    const credentials = box.reseal(row.credentials, tokenStorePasswordContext(row.id));
    if (credentials === row.credentials) continue;
    await unit.tx.updateTable('token_stores').set({ credentials }).where('id', '=', row.id).execute();
    publishTokenStore(unit, { ...row, credentials });
    changed += 1;
  }
  return changed;
}
