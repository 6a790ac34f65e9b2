import { changedRecordColumns } from '../records/record.ts';
import { publishTokenStore } from '../records/token-store.ts';
import type { Unit } from '../unit-of-work.ts';
import type { TokenStoreTable } from './tables.ts';

/** Makes a store the default, in place of the one that was; gives it as it is then. */
export async function becomeDefault(unit: Unit, row: TokenStoreTable): Promise<TokenStoreTable> {
  const others = await unit.tx.selectFrom('token_stores').selectAll().where('is_default', '=', 1).execute();
  for (const other of others.filter(({ id }) => id !== row.id)) {
    const columns = { ...changedRecordColumns(unit, other, {}), is_default: 0, default_until: unit.now };
    await unit.tx.updateTable('token_stores').set(columns).where('id', '=', other.id).execute();
    publishTokenStore(unit, { ...other, ...columns });
  }
  const columns = { ...changedRecordColumns(unit, row, {}), is_default: 1, default_until: null };
  await unit.tx.updateTable('token_stores').set(columns).where('id', '=', row.id).execute();
  publishTokenStore(unit, { ...row, ...columns });
  return { ...row, ...columns };
}
