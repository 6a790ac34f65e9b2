import * as z from 'zod';
import { sameHash, sha256Hex } from '#core/credential';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { Reader, Tx } from '../database.ts';
import { readSetting, writeSetting } from '../setting.ts';

const SETTING = 'setup';
const OPEN_MS = 24 * 60 * 60 * 1000;
const openSetup = z.strictObject({ hash: z.string(), endsAt: z.number() });

/**
 * Opens the one-time setup: whoever has the token gets the first management key. Only its hash is kept, so each start makes a new one.
 * @returns the token, for the link
 */
export async function openSetupToken(tx: Tx, random: Random, now: number): Promise<string> {
  const token = base62(random, 43);
  await writeSetting(tx, SETTING, JSON.stringify({ hash: sha256Hex(token), endsAt: now + OPEN_MS }));
  return token;
}

/** Closes the setup: there is a management key now. */
export async function closeSetup(tx: Tx): Promise<void> {
  await writeSetting(tx, SETTING, undefined);
}

/** Whether the setup is open, and if so whether a token is the right one. */
export async function checkSetupToken(
  reader: Reader,
  token: string | undefined,
  now: number,
): Promise<'closed' | 'wrong' | 'right'> {
  const value = await readSetting(reader, SETTING);
  if (value === undefined) return 'closed';
  const open = openSetup.parse(JSON.parse(value));
  if (open.endsAt <= now) return 'closed';
  return token !== undefined && sameHash(sha256Hex(token), open.hash) ? 'right' : 'wrong';
}
