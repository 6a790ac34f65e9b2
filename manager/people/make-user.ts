import { newId } from '#core/id';
import type { RoleGrant } from '#core/model/role';
import type { Random } from '#core/random';
import { checkNameFree, newRecordColumns } from '../records/record.ts';
import type { Unit } from '../unit-of-work.ts';
import type { UserTable } from './tables.ts';

/** What a new person is to be like. */
export interface UserWish {
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly roles: readonly RoleGrant[];
  /** `local`, or the name of an identity provider. */
  readonly source: string;
  readonly subject?: string;
  /** Hash of the password; left out: none yet. */
  readonly passwordHash?: string | undefined;
}

/** Makes a person. @throws ProblemError `name_taken` */
export async function insertUser(unit: Unit, wish: UserWish, random: Random): Promise<UserTable> {
  await checkNameFree(unit.tx, 'users', 'user', wish.name);
  const { name, displayName, email, roles } = wish;
  const row: UserTable = {
    ...newRecordColumns(unit, { id: newId('usr', random), name, displayName, data: { email, roles } }),
    active: 1,
    source: wish.source,
    subject: wish.subject ?? null,
    password_hash: wish.passwordHash ?? null,
    totp_secret: null,
    totp_confirmed: 0,
    totp_step: 0,
    recovery_hashes: '[]',
    generation: 1,
    last_signed_in_at: null,
  };
  await unit.tx.insertInto('users').values(row).execute();
  return row;
}
