import * as z from 'zod';
import { sha256Hex } from '#core/credential';
import { crockford } from '#core/id';
import type { Random } from '#core/random';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { Tx } from '../database.ts';
import type { UserTable } from './tables.ts';
import { totpStep } from './totp.ts';

const RECOVERY_CODES = 10;

/** Where the secret of a second factor stands, sealed. */
export function totpContext(userId: string): SealContext {
  return { table: 'users', row: userId, column: 'totp_secret' };
}

/** Recovery codes of 80 random bits each, and what is kept of them: so many bits that a fast hash is enough. */
export function newRecoveryCodes(random: Random): { readonly codes: string[]; readonly hashes: string } {
  const codes = Array.from({ length: RECOVERY_CODES }, () =>
    Array.from({ length: 4 }, () => crockford(random, 4)).join('-'),
  );
  return { codes, hashes: JSON.stringify(codes.map(hashOf)) };
}

/**
 * Takes a time-based or recovery code, so that it does not work again.
 * @returns false when it is none of this person's, or was used
 */
export async function takeCode(
  tx: Tx,
  user: UserTable,
  given: { readonly code: string; readonly now: number; readonly box: SecretBox },
): Promise<boolean> {
  if (user.totp_secret === null) return false;
  const code = given.code.replace(/\s/g, '');
  const secret = given.box.open(user.totp_secret, totpContext(user.id));
  const step = totpStep(code, { secret, now: given.now, lastStep: Number(user.totp_step) });
  if (step !== undefined) {
    await tx.updateTable('users').set({ totp_step: step }).where('id', '=', user.id).execute();
    return true;
  }
  const left = z.array(z.string()).parse(JSON.parse(user.recovery_hashes));
  const hash = hashOf(code);
  if (user.totp_confirmed !== 1 || !left.includes(hash)) return false;
  const recovery_hashes = JSON.stringify(left.filter((one) => one !== hash));
  await tx.updateTable('users').set({ recovery_hashes }).where('id', '=', user.id).execute();
  return true;
}

/** However it was typed: with or without hyphens, in small letters, with the letters that look like digits. */
function hashOf(code: string): string {
  const plain = code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return sha256Hex(plain);
}

/** Seals the secrets of second factors with the current master key, where they are not. Gives how many records changed. */
export async function resealSecondFactors(tx: Tx, box: SecretBox): Promise<number> {
  const rows = await tx
    .selectFrom('users')
    .select(['id', 'totp_secret'])
    .where('totp_secret', 'is not', null)
    .execute();
  let changed = 0;
  for (const { id, totp_secret } of rows) {
    const sealed = box.reseal(totp_secret ?? '', totpContext(id));
    if (sealed === totp_secret) continue;
    await tx.updateTable('users').set({ totp_secret: sealed }).where('id', '=', id).execute();
    changed += 1;
  }
  return changed;
}
