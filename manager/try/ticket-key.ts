import type { KeyObject } from 'node:crypto';
import type { FeedTryKey } from '#core/change-feed';
import type { Random } from '#core/random';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { Reader } from '../database.ts';
import { readSetting, writeSetting } from '../setting.ts';
import { createSigningPair, openPrivateKey } from '../signing-pair.ts';
import type { Unit } from '../unit-of-work.ts';

const SETTING = 'try-key';
const CONTEXT: SealContext = { table: 'settings', row: SETTING, column: 'value' };

/** True when there is a key that signs tickets. */
export async function hasTicketKey(reader: Reader): Promise<boolean> {
  return (await readSetting(reader, SETTING)) !== undefined;
}

/** Makes the key that signs tickets, and tells gateways its public half. */
export async function createTicketKey(unit: Unit, box: SecretBox, random: Random): Promise<void> {
  const pair = createSigningPair(random);
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
  await writeSetting(unit.tx, SETTING, box.seal(pair.der, CONTEXT));
  pair.der.fill(0);
  const payload: FeedTryKey = { id: 'try', publicKey };
  unit.publish('try-key', payload.id, payload);
}

/** The key that signs tickets. @throws SealError when the master key does not open it */
export async function openTicketKey(reader: Reader, box: SecretBox): Promise<KeyObject> {
  const sealed = await readSetting(reader, SETTING);
  if (sealed === undefined) throw new Error('There is no key for tickets; it is made when the manager starts.');
  return openPrivateKey(box.open(sealed, CONTEXT));
}

/** Seals it with the current master key, where it is not. Gives how many records changed. */
export async function resealTicketKey(unit: Unit, box: SecretBox): Promise<number> {
  const sealed = await readSetting(unit.tx, SETTING);
  const anew = sealed === undefined ? undefined : box.reseal(sealed, CONTEXT);
  if (anew === sealed) return 0;
  await writeSetting(unit.tx, SETTING, anew);
  return 1;
}
