import { hash } from 'node:crypto';
import type { OnceKind, Transient, TransientKind } from '#core/token-store';

const TRANSIENT_BYTES = 16_384;

/**
 * The key of a transient record or of something taken once: a SHA-256, so that whoever reads the file finds no session, device code or
 * `request_uri` to use, and an id of any length takes the same room.
 */
export function recordKey(kind: TransientKind | OnceKind, id: string): Buffer {
  return hash('sha256', `${kind} ${id}`, 'buffer');
}

/**
 * That a transient record keeps to its bound.
 * @throws RangeError: whoever writes it is to bound what callers send
 */
export function checkTransient({ kind, value }: Transient): void {
  const bytes = Buffer.byteLength(value);
  if (bytes > TRANSIENT_BYTES)
    throw new RangeError(`a transient record (${kind}) of ${bytes} bytes: at most ${TRANSIENT_BYTES} are kept`);
}
