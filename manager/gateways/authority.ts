import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { Reader } from '../database.ts';
import { readSetting, writeSetting } from '../setting.ts';
import type { Unit } from '../unit-of-work.ts';
import { createCa, type KeyedCertificate, type Making } from './x509.ts';

const SETTING = 'gateway-authority';
const CONTEXT: SealContext = { table: 'settings', row: SETTING, column: 'key' };

const stored = z.strictObject({ certificate: z.string(), keySealed: z.string() });

/** The manager's certificate authority, made when the first gateway is to join; undefined before. */
export async function findAuthority(reader: Reader, box: SecretBox): Promise<KeyedCertificate | undefined> {
  const kept = await read(reader);
  return kept && { certificate: kept.certificate, key: box.open(kept.keySealed, CONTEXT).toString('utf8') };
}

/** The authority, made now when there is none. */
export async function openAuthority(unit: Unit, box: SecretBox, making: Making): Promise<KeyedCertificate> {
  const found = await findAuthority(unit.tx, box);
  if (found !== undefined) return found;
  const made = await createCa(making);
  await write(unit, { certificate: made.certificate, keySealed: box.seal(Buffer.from(made.key), CONTEXT) });
  unit.audit({
    objectKind: 'manager',
    objectId: SETTING,
    objectName: SETTING,
    sentence: `The certificate authority of the gateways was made (SHA-256 ${fingerprintOf(made.certificate)}).`,
  });
  return made;
}

/** Seals the authority's key with the current master key, where it is not. Gives how many records changed. */
export async function resealAuthority(unit: Unit, box: SecretBox): Promise<number> {
  const kept = await read(unit.tx);
  const keySealed = kept && box.reseal(kept.keySealed, CONTEXT);
  if (kept === undefined || keySealed === undefined || keySealed === kept.keySealed) return 0;
  await write(unit, { ...kept, keySealed });
  return 1;
}

/** SHA-256 of a certificate (DER), base64url: what join tokens carry. */
export function fingerprintOf(certificate: string): string {
  return Buffer.from(new X509Certificate(certificate).fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
}

async function read(reader: Reader): Promise<z.infer<typeof stored> | undefined> {
  const text = await readSetting(reader, SETTING);
  return text === undefined ? undefined : stored.parse(JSON.parse(text));
}

async function write(unit: Unit, value: z.infer<typeof stored>): Promise<void> {
  await writeSetting(unit.tx, SETTING, JSON.stringify(value));
}
