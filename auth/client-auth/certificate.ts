import { X509Certificate } from 'node:crypto';
import type { FeedClient } from '#core/change-feed';
import { Refusal } from '#core/errors';
import type { ClientCertificate } from '#core/message';
import { clientKeys } from '#core/model/client-key';
import type { IssuerServices } from '../issuer.ts';
import { type KeySets, KeySetUnavailable } from '../keys/key-sets.ts';
import { bearsName } from './certificate-name.ts';
import type { AuthenticateBy } from './method.ts';

/**
 * The certificate of the connection (RFC 8705 §2), for a client that named itself by `client_id`: one of our authorities issued it and it bears
 * the registered name (§2.1), or it is one of those that the client registered itself (§2.2).
 * @throws Refusal `oauth_invalid_client` certificate_missing, certificate_untrusted, certificate_over, certificate_other; `key_set_unavailable`
 */
export const authenticateByCertificate: AuthenticateBy = async ({ message }, { named }, { services }) => {
  if (named === undefined) throw new Refusal('oauth_invalid_client', { cause: 'unknown_key' });
  const { client, consumerKey } = named;
  const refuse = (cause: string) => {
    const facts = { client: client.displayName, clientName: client.name, consumerKey };
    return new Refusal('oauth_invalid_client', { cause, ...facts });
  };
  const shown = message.clientCertificate;
  if (shown === undefined) throw refuse('certificate_missing');
  const problem = await problemOf(client, shown, services);
  if (problem !== undefined) throw refuse(problem);
  const method = client.authMethod === 'tls_client_auth' ? 'tls_client_auth' : 'self_signed_tls_client_auth';
  return { method, secret: undefined };
};

async function problemOf(
  client: FeedClient,
  shown: ClientCertificate,
  { clock, keySets }: IssuerServices,
): Promise<string | undefined> {
  const certificate = new X509Certificate(shown.der);
  const now = clock.now();
  const isInTime = now >= certificate.validFromDate.getTime() && now <= certificate.validToDate.getTime();
  if (!isInTime) return 'certificate_over';
  if (client.authMethod === 'self_signed_tls_client_auth')
    return (await isRegistered(client, shown.der, keySets)) ? undefined : 'certificate_other';
  if (!shown.isTrusted) return 'certificate_untrusted';
  const { certificateName } = client;
  return certificateName !== undefined && bearsName(certificate, certificateName) ? undefined : 'certificate_other';
}

/**
 * Compared whole: the same key in another certificate is another certificate (RFC 8705 §2.2). It stands with the client, or behind its `jwks_uri`.
 * @throws Refusal `key_set_unavailable`
 */
async function isRegistered({ jwks, jwksUri }: FeedClient, der: Buffer, keySets: KeySets): Promise<boolean> {
  if (jwksUri !== undefined) return isFetched(jwksUri, der, keySets);
  if (jwks === undefined) return false;
  const { keys } = clientKeys.parse(JSON.parse(jwks));
  return keys.some(({ x5c }) => x5c?.[0] !== undefined && Buffer.from(x5c[0], 'base64').equals(der));
}

async function isFetched(url: string, der: Buffer, keySets: KeySets): Promise<boolean> {
  try {
    return await keySets.hasCertificate(url, der);
  } catch (error) {
    if (!(error instanceof KeySetUnavailable)) throw error;
    throw new Refusal('key_set_unavailable', { url: error.url, detail: error.message });
  }
}
