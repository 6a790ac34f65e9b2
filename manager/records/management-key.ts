import { newManagementKey, secretHint, sha256Hex } from '#core/credential';
import { newId } from '#core/id';
import { type ManagementKey, managementKey } from '#core/model/management-key';
import type { Random } from '#core/random';
import type { Reader, Tx } from '../database.ts';
import type { ManagementKeyTable } from '../tables.ts';
import { notFound } from './record.ts';

/** A management key as it may be shown: never its value. */
export function parseManagementKey(row: ManagementKeyTable, now: number): ManagementKey {
  const endsAt = row.ends_at === null ? undefined : Number(row.ends_at);
  return managementKey.parse({
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    hint: row.hint,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
    active: endsAt === undefined || endsAt > now,
  });
}

/** What a new management key is to be like. `value` is made here unless it is given (the bootstrap token). */
export interface ManagementKeyWish {
  readonly name: string;
  readonly displayName: string;
  readonly endsAt?: number | undefined;
  readonly value?: string | undefined;
}

/** Makes a management key with the Admin role; only its hash is kept. */
export async function insertManagementKey(
  tx: Tx,
  wish: ManagementKeyWish,
  by: { readonly actor: string; readonly now: number; readonly random: Random },
): Promise<{ readonly row: ManagementKeyTable; readonly value: string }> {
  const value = wish.value ?? newManagementKey(by.random);
  const row: ManagementKeyTable = {
    id: newId('key', by.random),
    name: wish.name,
    display_name: wish.displayName,
    display_key: wish.displayName.toLowerCase(),
    search: `${wish.name} ${wish.displayName.toLowerCase()}`,
    role: 'admin',
    hash: sha256Hex(value),
    hint: secretHint(value),
    created_at: by.now,
    created_by: by.actor,
    updated_at: by.now,
    ends_at: wish.endsAt ?? null,
    last_used_at: null,
  };
  await tx.insertInto('management_keys').values(row).execute();
  return { row, value };
}

/** @throws ProblemError `not_found` */
export async function getManagementKeyRow(reader: Reader, reference: string): Promise<ManagementKeyTable> {
  const row = await reader
    .selectFrom('management_keys')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('management key', reference);
  return row;
}

/** How many management keys have not ended. */
export async function countActiveKeys(reader: Reader, now: number): Promise<number> {
  const rows = await reader
    .selectFrom('management_keys')
    .select('id')
    .where((one) => one.or([one('ends_at', 'is', null), one('ends_at', '>', now)]))
    .limit(2)
    .execute();
  return rows.length;
}
