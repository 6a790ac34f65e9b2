import '#core/reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A new key and the request for a certificate of it, PEM each. The key stays here. */
export interface RequestedCertificate {
  readonly key: string;
  /** PKCS #10, signed with the key. Names nothing: the manager says whom the certificate names. */
  readonly request: string;
}

/** Makes a P-256 key and a request for a certificate (RFC 2986). */
export async function requestCertificate(): Promise<RequestedCertificate> {
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=gateway',
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return { key: key.export({ type: 'pkcs8', format: 'pem' }).toString(), request: request.toString('pem') };
}
