import '#core/reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Extension } from '@peculiar/x509';
import type { Random } from '#core/random';

// Making certificates (RFC 5280). Checking them is OpenSSL's work, in the TLS of the listener and of the gateways.

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const CA_LIFE_MS = 20 * 365 * 86_400_000;
/** Clocks differ a little: a certificate begins before it was made. */
const SKEW_MS = 5 * 60_000;
const SERIAL_BYTES = 16;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
/** The URI that the certificate of the manager's listener carries: gateways look for it, whatever the host's name is. */
const MANAGER_URI = 'gatewright:manager';

/** A certificate with its key, PEM each. */
export interface KeyedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate of a gateway. */
export interface GatewayCertificate {
  readonly certificate: string;
  /** Upper-case hex. */
  readonly serial: string;
  /** Epoch ms. */
  readonly endsAt: number;
}

/** What every certificate is made with. */
export interface Making {
  /** Epoch ms. */
  readonly now: number;
  readonly random: Random;
}

/** Whom a gateway's certificate names. */
export interface NamedGateway {
  readonly gatewayId: string;
  /** Name of its server group. */
  readonly serverGroup: string;
}

// Loaded when it is needed first: it takes a tenth of a second, and most managers have no joined gateway.
const load = () => import('@peculiar/x509');

/** Makes a certificate authority: a key and a certificate that it signed itself. It may sign end certificates only. */
export async function createCa({ now, random }: Making): Promise<KeyedCertificate> {
  const x509 = await load();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(random),
    name: 'CN=Gatewright manager authority',
    notBefore: new Date(now - SKEW_MS),
    notAfter: new Date(now + CA_LIFE_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(keys.privateKey) };
}

/** Makes a certificate for the manager's listener, with a key of its own. `names`: host names and addresses. */
export async function issueServerCertificate(
  ca: KeyedCertificate,
  { names, lifeMs, ...making }: Making & { readonly names: readonly string[]; readonly lifeMs: number },
): Promise<KeyedCertificate> {
  const x509 = await load();
  const keys = await newKeys();
  const certificate = await sign(ca, {
    ...making,
    endsAt: making.now + lifeMs,
    commonName: 'Gatewright manager',
    publicKey: keys.publicKey,
    usage: SERVER_AUTH,
    names: new x509.SubjectAlternativeNameExtension([
      { type: 'url', value: MANAGER_URI },
      ...names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
    ]),
  });
  return { certificate: certificate + ca.certificate, key: await pemOf(keys.privateKey) };
}

/**
 * Makes a gateway's certificate for the key of its request (PKCS #10, PEM). Nothing but the key is taken from the request.
 * @throws RangeError when the request is none, its key is no P-256 key, or it is not signed with that key
 */
export async function issueGatewayCertificate(
  ca: KeyedCertificate,
  {
    request,
    lifeMs,
    gateway,
    ...making
  }: Making & {
    readonly request: string;
    readonly lifeMs: number;
    readonly gateway: NamedGateway;
  },
): Promise<GatewayCertificate> {
  const x509 = await load();
  const certificate = await sign(ca, {
    ...making,
    endsAt: making.now + lifeMs,
    commonName: gateway.gatewayId,
    publicKey: await requestedKey(request),
    usage: CLIENT_AUTH,
    names: new x509.SubjectAlternativeNameExtension([
      { type: 'url', value: `gatewright:gateway/${gateway.gatewayId}?group=${gateway.serverGroup}` },
    ]),
  });
  const { serialNumber, validToDate } = new X509Certificate(certificate);
  return { certificate, serial: serialNumber, endsAt: validToDate.getTime() };
}

/** Whom a certificate of the authority names as gateway; undefined: no gateway. */
export function namedGateway({ subjectAltName }: X509Certificate): NamedGateway | undefined {
  const match = /^URI:gatewright:gateway\/(gtw_[0-9A-Z]{16})\?group=([a-z0-9-]{1,64})$/.exec(subjectAltName ?? '');
  return match === null ? undefined : { gatewayId: match[1] ?? '', serverGroup: match[2] ?? '' };
}

interface Signing extends Making {
  readonly endsAt: number;
  readonly commonName: string;
  readonly publicKey: webcrypto.CryptoKey;
  readonly usage: string;
  readonly names: Extension;
}

async function sign(ca: KeyedCertificate, signing: Signing): Promise<string> {
  const x509 = await load();
  const authority = new x509.X509Certificate(ca.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(signing.random),
    subject: [{ CN: [signing.commonName] }],
    issuer: authority.subject,
    notBefore: new Date(signing.now - SKEW_MS),
    notAfter: new Date(signing.endsAt),
    signingKey: await signingKeyOf(ca.key),
    signingAlgorithm: ALGORITHM,
    publicKey: signing.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([signing.usage], true),
      signing.names,
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

async function requestedKey(pem: string): Promise<webcrypto.CryptoKey> {
  const x509 = await load();
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    const key = await request.publicKey.export(ALGORITHM, ['verify']);
    if (await request.verify()) return key;
  } catch (error) {
    throw new RangeError('The certificate request cannot be read, or its key is no P-256 key.', { cause: error });
  }
  throw new RangeError('The certificate request is not signed with its own key.');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function signingKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', new Uint8Array(der), ALGORITHM, false, ['sign']);
}

/** 127 random bits: positive, and never the same twice. */
function newSerial(random: Random): string {
  const bytes = random.bytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
