import type { Client } from './client.ts';
import type { ClientAuthMethod } from './client-auth-method.ts';

/** What of a client depends on each other. */
export type ClientSettings = Pick<Client, 'kind' | 'authMethod' | 'jwks' | 'jwksUri' | 'certificateName'>;

/** One thing that does not fit, and the field that is to change. */
export interface ClientFault {
  readonly field: 'authMethod' | 'jwks' | 'jwksUri' | 'certificateName';
  readonly message: string;
}

/** True when a client proves itself with a consumer secret. */
export function usesSecret(method: ClientAuthMethod): boolean {
  return method.startsWith('client_secret');
}

/** True when its secrets must be read again, so that they are kept encrypted instead of hashed (decision 3). */
export function keepsSecretReadable(method: ClientAuthMethod): boolean {
  return method === 'client_secret_jwt';
}

/** What does not fit together in a client's settings; empty: everything fits. */
export function clientFaults({ kind, authMethod, jwks, jwksUri, certificateName }: ClientSettings): ClientFault[] {
  const faults: ClientFault[] = [];
  if (kind === 'public' && authMethod !== 'none')
    faults.push({ field: 'authMethod', message: 'A public client can keep nothing to prove itself with: none.' });
  if (kind === 'server' && authMethod === 'none')
    faults.push({ field: 'authMethod', message: 'Only public clients prove nothing. Choose another method.' });
  if (jwks !== undefined && jwksUri !== '')
    faults.push({ field: 'jwksUri', message: 'Either jwks or jwksUri, not both.' });
  const hasKeys = jwks !== undefined || jwksUri !== '';
  if (authMethod === 'private_key_jwt' && !hasKeys)
    faults.push({ field: 'jwks', message: 'This method needs its public keys: jwks or jwksUri.' });
  if (authMethod === 'self_signed_tls_client_auth' && jwksUri === '' && !hasCertificate(jwks))
    faults.push({
      field: 'jwks',
      message: 'This method needs its certificate, as x5c of a key in jwks or behind jwksUri (RFC 8705 §2.2.2).',
    });
  if (authMethod === 'tls_client_auth' && certificateName === undefined)
    faults.push({ field: 'certificateName', message: 'This method needs the name in its certificate.' });
  return faults;
}

function hasCertificate(jwks: ClientSettings['jwks']): boolean {
  return jwks?.keys.some(({ x5c }) => x5c !== undefined) ?? false;
}
