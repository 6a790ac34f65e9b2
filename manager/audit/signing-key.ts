import type { KeyObject } from 'node:crypto';
import { keyIdOf } from '#core/audit-chain';
import type { AuditKey } from '#core/model/audit-checkpoint';
import type { Random } from '#core/random';
import type { SealContext, SecretBox } from '#core/secret-box';
import type { Reader, Tx } from '../database.ts';
import { createSigningPair, openPrivateKey } from '../signing-pair.ts';

/** A key that signs, opened. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateKey: KeyObject;
}

/** The key that signs checkpoints and anchors; made when there is none. */
export async function openSigningKey(
  tx: Tx,
  { box, random, now }: { readonly box: SecretBox; readonly random: Random; readonly now: number },
): Promise<SigningKey> {
  const row = await tx.selectFrom('audit_keys').selectAll().orderBy('created_at', 'desc').limit(1).executeTakeFirst();
  if (row !== undefined) {
    const der = box.open(row.private_key, sealContext(row.id));
    return { keyId: row.id, privateKey: openPrivateKey(der) };
  }
  const pair = createSigningPair(random);
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const keyId = keyIdOf(publicKey);
  const sealed = box.seal(pair.der, sealContext(keyId));
  pair.der.fill(0);
  await tx
    .insertInto('audit_keys')
    .values({ id: keyId, public_key: publicKey, private_key: sealed, created_at: now })
    .execute();
  return { keyId, privateKey: pair.privateKey };
}

/** Every key that ever signed here, its public half. */
export async function listSigningKeys(reader: Reader): Promise<AuditKey[]> {
  const rows = await reader
    .selectFrom('audit_keys')
    .select(['id', 'public_key', 'created_at'])
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({ keyId: row.id, publicKey: row.public_key, createdAt: Number(row.created_at) }));
}

/** Seals the private keys with the current master key, where they are not. Gives how many records changed. */
export async function resealSigningKeys(tx: Tx, box: SecretBox): Promise<number> {
  let changed = 0;
  for (const row of await tx.selectFrom('audit_keys').select(['id', 'private_key']).execute()) {
    const sealed = box.reseal(row.private_key, sealContext(row.id));
    if (sealed === row.private_key) continue;
    await tx.updateTable('audit_keys').set({ private_key: sealed }).where('id', '=', row.id).execute();
    changed += 1;
  }
  return changed;
}

function sealContext(row: string): SealContext {
  return { table: 'audit_keys', row, column: 'private_key' };
}
