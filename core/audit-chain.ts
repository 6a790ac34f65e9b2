import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { AuditCheckpoint } from './model/audit-checkpoint.ts';
import type { AuditEntry } from './model/audit-entry.ts';

// The format of the chain. Entries are checked years after they were written: it cannot change.

/** `prevHash` of the first entry. */
export const CHAIN_START = '0'.repeat(64);

/** What a signature says something about. */
export type SignedKind = 'checkpoint' | 'anchor';

/** The hash of an entry: SHA-256 over the canonical JSON of all its fields, `prevHash` among them, without `hash`. */
export function entryHash(entry: Omit<AuditEntry, 'hash'> & { readonly hash?: string }): string {
  const { hash: _, ...rest } = entry;
  return hash('sha256', canonicalJson(rest), 'hex');
}

/** Short name of a public key (PEM): the first 16 hex digits of the SHA-256 of its DER. */
export function keyIdOf(publicKey: string): string {
  const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  return hash('sha256', der, 'hex').slice(0, 16);
}

/** Signs a checkpoint or anchor. */
export function signMark(
  kind: SignedKind,
  mark: Omit<AuditCheckpoint, 'signature'>,
  privateKey: KeyObject,
): AuditCheckpoint {
  return { ...mark, signature: sign(undefined, signedBytes(kind, mark), privateKey).toString('base64url') };
}

/** True when one of the keys (PEM, by id) signed a checkpoint or anchor. */
export function isSigned(kind: SignedKind, mark: AuditCheckpoint, keys: ReadonlyMap<string, KeyObject>): boolean {
  const key = keys.get(mark.keyId);
  return key !== undefined && verify(undefined, signedBytes(kind, mark), key, Buffer.from(mark.signature, 'base64url'));
}

function signedBytes(kind: SignedKind, { seq, hash: entry, at, keyId }: Omit<AuditCheckpoint, 'signature'>): Buffer {
  return Buffer.from(canonicalJson({ kind, seq, hash: entry, at, keyId }), 'utf8');
}
