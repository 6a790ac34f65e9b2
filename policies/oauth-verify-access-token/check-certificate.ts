import { Refusal } from '#core/errors';
import type { ClientCertificate } from '#core/message';
import type { VerifiedToken } from '#core/token-verifier';

/**
 * A token that is bound to a certificate comes on a connection with that certificate (RFC 8705 §3). Others may come on any.
 * @throws Refusal `token_certificate`
 */
export function checkCertificate(
  { token, client, prefix }: Pick<VerifiedToken, 'token' | 'client' | 'prefix'>,
  shown: ClientCertificate | undefined,
): void {
  const bound = token.details?.certificate;
  if (bound === undefined || bound === shown?.thumbprint) return;
  const problem = shown === undefined ? 'missing' : 'other';
  throw new Refusal('token_certificate', {
    problem,
    token: prefix,
    client: client.displayName,
    clientName: client.name,
  });
}
