import * as z from 'zod';
import type { RoleGrant } from '#core/model/role';
import { roleGrants } from '#core/model/role-grant';
import { type User, user } from '#core/model/user';
import { ProblemError } from '#core/problem';
import type { Reader, Tx } from '../database.ts';
import type { UserTable } from '../people/tables.ts';
import { dataOf, notFound, recordFieldsOf } from './record.ts';

/** `source` of people with a password of their own. */
export const LOCAL_SOURCE = 'local';

/** A person as they may be shown. `lockedUntil` comes from the tries. */
export function parseUser(row: UserTable, lockedUntil?: number): User {
  const data = userDataOf(row);
  return user.parse({
    ...recordFieldsOf(row),
    ...data,
    active: row.active === 1,
    secondFactor: row.totp_confirmed === 1,
    source: row.source,
    ...(row.last_signed_in_at === null ? {} : { lastSignedInAt: Number(row.last_signed_in_at) }),
    ...(lockedUntil === undefined ? {} : { lockedUntil }),
  });
}

const userData = z.object({ email: z.string(), roles: roleGrants });

/** E-mail address and roles of a person. */
export function userDataOf(row: Pick<UserTable, 'data'>): { readonly email: string; readonly roles: RoleGrant[] } {
  return userData.parse(dataOf(row));
}

/** @throws ProblemError `not_found` */
export async function getUserRow(reader: Reader, reference: string): Promise<UserTable> {
  const row = await reader
    .selectFrom('users')
    .selectAll()
    .where((one) => one.or([one('id', '=', reference), one('name', '=', reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound('user', reference);
  return row;
}

/** How many people with the Admin role can sign in, leaving one out. */
export async function countAdmins(reader: Reader, exceptId = ''): Promise<number> {
  const rows = await reader
    .selectFrom('users')
    .select(['id', 'data'])
    .where('active', '=', 1)
    .where('id', '!=', exceptId)
    .where('data', 'like', '%"admin"%')
    .execute();
  return rows.filter((row) => userDataOf(row).roles.some(({ role }) => role === 'admin')).length;
}

/** @throws ProblemError `state_conflict` when nobody else is an administrator */
export async function checkOtherAdmin(tx: Tx, row: UserTable): Promise<void> {
  const isAdmin = row.active === 1 && userDataOf(row).roles.some(({ role }) => role === 'admin');
  if (!isAdmin || (await countAdmins(tx, row.id)) > 0) return;
  throw new ProblemError(
    'state_conflict',
    `${row.name} is the last administrator. Give somebody else the Admin role first.`,
  );
}
