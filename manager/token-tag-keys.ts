import type { FeedTokenKeys } from '#core/change-feed';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { TokenKeyTable } from './tables.ts';
import type { Unit } from './unit-of-work.ts';

/** Id of the one row of token tag keys. */
export const TOKEN_KEYS_ID = 'tags';
const KEY_BYTES = 32;

/** Where a sealed token tag key stands. Gateways open it with the same. */
export function tokenKeyContext(column: 'current' | 'previous'): SealContext {
  return { table: 'token_keys', row: TOKEN_KEYS_ID, column };
}

/** Makes the first token tag keys and puts them into the change feed. */
export async function createTokenKeys(
  unit: Unit,
  box: SecretBox,
  random: { bytes(length: number): Buffer },
): Promise<void> {
  const key = random.bytes(KEY_BYTES);
  const current = box.seal(key, tokenKeyContext('current'));
  key.fill(0);
  const row: TokenKeyTable = { id: TOKEN_KEYS_ID, current, previous: null, updated_at: unit.now };
  await unit.tx.insertInto('token_keys').values(row).execute();
  publishTokenKeys(unit, row);
}

/** Seals the token tag keys with the current master key, where they are not. Gives how many records changed. */
export async function resealTokenKeys(unit: Unit, box: SecretBox): Promise<number> {
  const row = await unit.tx.selectFrom('token_keys').selectAll().where('id', '=', TOKEN_KEYS_ID).executeTakeFirst();
  if (row === undefined) return 0;
  const current = box.reseal(row.current, tokenKeyContext('current'));
  const previous = row.previous === null ? null : box.reseal(row.previous, tokenKeyContext('previous'));
  const changed = [current !== row.current, previous !== row.previous].filter(Boolean).length;
  if (changed === 0) return 0;
  const after = { ...row, current, previous, updated_at: unit.now };
  await unit.tx.updateTable('token_keys').set(after).where('id', '=', TOKEN_KEYS_ID).execute();
  publishTokenKeys(unit, after);
  return changed;
}

function publishTokenKeys(unit: Unit, row: TokenKeyTable): void {
  const payload: FeedTokenKeys = {
    id: row.id,
    currentSealed: row.current,
    ...(row.previous === null ? {} : { previousSealed: row.previous }),
  };
  unit.publish('token-keys', row.id, payload);
}
