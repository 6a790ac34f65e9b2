import '#core/reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { clientCertificateOf } from '#gateway/http/client-authorities';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** A certificate with its key, as PEM and as policies see it. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certificate: X509Certificate;
  /** As base64, for `x5c`. */
  readonly x5c: string;
  /** Its public key, with x5c. */
  readonly jwk: Record<string, unknown>;
  /** As shown in a handshake. */
  shown(isTrusted?: boolean): ReturnType<typeof clientCertificateOf>;
}

/** What a certificate of a test is like. */
export interface CertificateWish {
  /** RFC 4514. */
  readonly name?: string;
  readonly alternativeNames?: readonly { readonly type: 'dns' | 'url' | 'ip' | 'email'; readonly value: string }[];
  /** Epoch ms; default: a day from now. */
  readonly endsAt?: number;
  readonly startsAt?: number;
}

/** An authority that makes certificates for clients, and its own certificate. */
export interface TestAuthority extends MadeCertificate {
  issue(wish?: CertificateWish): Promise<MadeCertificate>;
}

/** Makes an authority. */
export async function createAuthority(name = 'CN=Test authority'): Promise<TestAuthority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name,
    ...life({}),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const own = await made(certificate, keys);
  return {
    ...own,
    async issue(wish = {}) {
      const leaf = await newKeys();
      const one = await x509.X509CertificateGenerator.create({
        subject: wish.name ?? 'CN=client',
        issuer: certificate.subject,
        ...life(wish),
        signingAlgorithm: ALGORITHM,
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        extensions: extensionsOf(wish),
      });
      return made(one, leaf);
    },
  };
}

/** A certificate that a client signed itself. */
export async function createSelfSigned(wish: CertificateWish = {}): Promise<MadeCertificate> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: wish.name ?? 'CN=self',
    ...life(wish),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: extensionsOf(wish),
  });
  return made(certificate, keys);
}

function life({ startsAt = Date.now() - DAY_MS, endsAt = Date.now() + DAY_MS }: CertificateWish) {
  return { notBefore: new Date(startsAt), notAfter: new Date(endsAt) };
}

function extensionsOf({ alternativeNames = [] }: CertificateWish): x509.Extension[] {
  return alternativeNames.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension([...alternativeNames])];
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function made(one: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<MadeCertificate> {
  const cert = one.toString('pem');
  const certificate = new X509Certificate(cert);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const x5c = certificate.raw.toString('base64');
  return {
    cert,
    key: `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`,
    certificate,
    x5c,
    jwk: { ...certificate.publicKey.export({ format: 'jwk' }), x5c: [x5c] },
    shown: (isTrusted = false) => clientCertificateOf(certificate.raw, isTrusted),
  };
}
