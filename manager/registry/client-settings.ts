import { createPublicKey, X509Certificate } from 'node:crypto';
import type { Client, ClientKind } from '#core/model/client';
import type { ClientAuthMethod } from '#core/model/client-auth-method';
import type { ClientKeys } from '#core/model/client-key';
import { type ClientSettings, clientFaults } from '#core/model/client-rules';
import type { ProblemDetail } from '#core/problem';
import { validationFailed } from '../http/validation.ts';

/** How a new client proves itself when nothing is said. */
export function defaultAuthMethod(kind: ClientKind): ClientAuthMethod {
  return kind === 'public' ? 'none' : 'client_secret';
}

/**
 * Checks that a client's settings fit together and that its keys are ones.
 * @throws ProblemError `validation_failed`, with a pointer for each fault
 */
export function checkClientSettings(settings: ClientSettings): void {
  const faults: ProblemDetail[] = clientFaults(settings).map(({ field, message }) => ({
    pointer: `/${field}`,
    code: 'invalid',
    message,
  }));
  faults.push(...keyFaults(settings.jwks));
  if (faults.length > 0) throw validationFailed(faults);
}

/** A changed client: the fields given are put over what it was; null takes back what need not be there. */
export function withChanges(
  before: Client,
  changes: { readonly [Key in keyof Client]?: Client[Key] | null | undefined },
): Client {
  const { jwks = before.jwks, certificateName = before.certificateName, ...rest } = changes;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...before, ...given, jwks: jwks ?? undefined, certificateName: certificateName ?? undefined };
}

function keyFaults(jwks: ClientKeys | undefined): ProblemDetail[] {
  const faults: ProblemDetail[] = [];
  for (const [index, key] of (jwks?.keys ?? []).entries()) {
    const message = keyFault(key);
    if (message !== undefined) faults.push({ pointer: `/jwks/keys/${index}`, code: 'invalid', message });
  }
  return faults;
}

function keyFault({ x5c, kty, crv, n, e, x, y }: ClientKeys['keys'][number]): string | undefined {
  const members = Object.fromEntries(Object.entries({ crv, n, e, x, y }).filter(([, value]) => value !== undefined));
  const publicKey = readOrUndefined(() => createPublicKey({ key: { kty, ...members }, format: 'jwk' }));
  if (publicKey === undefined) return 'This is no public key.';
  const bits = publicKey.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && bits < 2048) return 'An RSA key needs at least 2048 bits (RFC 7518 §3.3).';
  const [first] = x5c ?? [];
  if (first === undefined) return undefined;
  const certificate = readOrUndefined(() => new X509Certificate(Buffer.from(first, 'base64')));
  if (certificate === undefined) return 'The first certificate of x5c cannot be read.';
  return certificate.publicKey.equals(publicKey)
    ? undefined
    : 'The first certificate of x5c is for another key (RFC 7517 §4.7).';
}

function readOrUndefined<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
