import { newManagementKey, secretHint, sha256Hex } from '#core/credential';
import { newId } from '#core/id';
import { type ManagementKey, managementKey } from '#core/model/management-key';
import type { RoleGrant } from '#core/model/role';
import { roleGrants } from '#core/model/role-grant';
import type { Random } from '#core/random';
import type { Reader, Tx } from '../database.ts';
import type { ManagementKeyTable } from '../tables.ts';
import { notFound } from './record.ts';

/** A management key as it may be shown: never its value. `owner`: name of the person whose it is. */
export function parseManagementKey(row: ManagementKeyTable, now: number, owner?: string): ManagementKey {
  const endsAt = row.ends_at === null ? undefined : Number(row.ends_at);
  return managementKey.parse({
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    roles: rolesOfKey(row),
    ...(owner === undefined ? {} : { owner }),
    hint: row.hint,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
    active: endsAt === undefined || endsAt > now,
  });
}

/** The roles that a key was made with. */
export function rolesOfKey(row: Pick<ManagementKeyTable, 'roles'>): RoleGrant[] {
  return roleGrants.parse(JSON.parse(row.roles));
}

/** Names of the people whose keys these are, by id. */
export async function ownersOf(
  reader: Reader,
  rows: readonly Pick<ManagementKeyTable, 'owner_id'>[],
): Promise<ReadonlyMap<string, string>> {
  const ids = [...new Set(rows.flatMap(({ owner_id }) => (owner_id === null ? [] : [owner_id])))];
  if (ids.length === 0) return new Map();
  const owners = await reader.selectFrom('users').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map(owners.map(({ id, name }) => [id, name]));
}

/** What a new management key is to be like. `value` is made here unless it is given (the bootstrap token). */
export interface ManagementKeyWish {
  readonly name: string;
  readonly displayName: string;
  readonly roles: readonly RoleGrant[];
  /** The person whose it becomes; left out: a machine's. */
  readonly ownerId?: string | undefined;
  readonly endsAt?: number | undefined;
  readonly value?: string | undefined;
}

/** Makes a management key; only its hash is kept. */
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
    role: wish.roles[0]?.role ?? 'viewer',
    roles: JSON.stringify(wish.roles),
    owner_id: wish.ownerId ?? null,
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

/** True when a key that has not ended may do everything, leaving one out. */
export async function hasOtherAdminKey(reader: Reader, exceptId: string, now: number): Promise<boolean> {
  const rows = await reader
    .selectFrom('management_keys')
    .select('roles')
    .where('id', '!=', exceptId)
    .where('owner_id', 'is', null)
    .where((one) => one.or([one('ends_at', 'is', null), one('ends_at', '>', now)]))
    .where('roles', 'like', '%"admin"%')
    .execute();
  return rows.some((row) => rolesOfKey(row).some(({ role }) => role === 'admin'));
}
