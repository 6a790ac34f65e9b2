import { sameHash, sha256Hex } from '#core/credential';
import { base62, newId } from '#core/id';
import type { Random } from '#core/random';
import type { Reader } from '../database.ts';
import type { Unit } from '../unit-of-work.ts';
import type { PasswordLinkTable, UserTable } from './tables.ts';

const TOKEN_CHARACTERS = 43;
const OPEN_MS = 24 * 60 * 60 * 1000;

/** A one-time link to choose a password, for a day. An earlier one of the same person ends. Only its hash is kept. */
export async function openPasswordLink(
  unit: Unit,
  user: Pick<UserTable, 'id'>,
  random: Random,
): Promise<{ readonly token: string; readonly endsAt: number }> {
  const token = base62(random, TOKEN_CHARACTERS);
  const endsAt = unit.now + OPEN_MS;
  await unit.tx.deleteFrom('password_links').where('user_id', '=', user.id).execute();
  await unit.tx
    .insertInto('password_links')
    .values({
      id: newId('plk', random),
      hash: sha256Hex(token),
      user_id: user.id,
      created_at: unit.now,
      created_by: unit.actor.name,
      ends_at: endsAt,
    })
    .execute();
  return { token, endsAt };
}

/** The link of a token, while it is good. */
export async function findPasswordLink(
  reader: Reader,
  token: string,
  now: number,
): Promise<PasswordLinkTable | undefined> {
  const hash = sha256Hex(token);
  const row = await reader.selectFrom('password_links').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row !== undefined && sameHash(row.hash, hash) && row.ends_at > now ? row : undefined;
}
