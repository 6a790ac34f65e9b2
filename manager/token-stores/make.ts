import { tokenStorePasswordContext } from '#core/change-feed';
import { newId } from '#core/id';
import { CONFIGURED_STORE, type TokenStoreView } from '#core/model/token-store';
import type { ManagerContext } from '../context.ts';
import { newRecordColumns } from '../records/record.ts';
import {
  parseTokenStore,
  publishTokenStore,
  type StoredTokenStore,
  type TokenStoreSettings,
} from '../records/token-store.ts';
import type { Unit } from '../unit-of-work.ts';
import type { TokenStoreTable } from './tables.ts';

/** What a token store is made from. */
export interface NewTokenStore {
  readonly name: string;
  readonly displayName: string;
  readonly kind: TokenStoreView['kind'];
  readonly settings: TokenStoreSettings;
  readonly password: string | undefined;
}

type Parts = Pick<ManagerContext, 'masterKeys' | 'random' | 'tokenStores'>;

/** Makes a token store; it is the default only when there is none yet. */
export async function insertTokenStore(unit: Unit, context: Parts, wish: NewTokenStore): Promise<StoredTokenStore> {
  const id = newId('tks', context.random);
  const other = await unit.tx.selectFrom('token_stores').select('id').where('is_default', '=', 1).executeTakeFirst();
  const row: TokenStoreTable = {
    ...newRecordColumns(unit, { id, name: wish.name, displayName: wish.displayName, data: wish.settings }),
    kind: wish.kind,
    credentials: sealPassword(context, id, wish.password),
    is_default: other === undefined ? 1 : 0,
    default_until: null,
    ...{ moves_to: null, moved_at: null, move: null },
  };
  await unit.tx.insertInto('token_stores').values(row).execute();
  publishTokenStore(unit, row);
  const made = parseTokenStore(row, context.tokenStores.configured.kind);
  unit.audit({ ...tokenStoreObject(row), sentence: `Token store ${wish.name} was added.`, after: made });
  return made;
}

/** The store of the configuration has a record too: it is listed, and may be the default. Nothing where it is there. */
export async function keepConfiguredStore(unit: Unit, context: Parts): Promise<void> {
  await insertTokenStore(unit, context, {
    ...{ name: CONFIGURED_STORE, displayName: 'Configured store', kind: 'sqlite', settings: {}, password: undefined },
  });
}

/** Seals a password; null: there is none. */
export function sealPassword(
  { masterKeys }: Pick<ManagerContext, 'masterKeys'>,
  id: string,
  password: string | undefined,
): string | null {
  if (password === undefined || password === '') return null;
  return masterKeys.secretBox().seal(Buffer.from(password), tokenStorePasswordContext(id));
}

/** A token store, as the audit trail names what a change was about. */
export function tokenStoreObject(row: Pick<TokenStoreTable, 'id' | 'name'>) {
  return { objectKind: 'token-store', objectId: row.id, objectName: row.name };
}
