import { hash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigurationError } from '#core/errors';
import type { ClientCertificate } from '#core/message';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The authorities whose client certificates are believed. */
export interface ClientAuthorities {
  /** As `node:tls` takes them; empty: nobody is believed. Never its own default, which is every authority of the web. */
  readonly pem: readonly string[];
  /** True when one of them issued the certificate and it is in time. For certificates that a proxy passes on. */
  haveIssued(certificate: X509Certificate, now: number): boolean;
}

/** @param file PEM bundle; empty: no authorities @throws ConfigurationError when it cannot be read or holds none */
export function readClientAuthorities(file: string): ClientAuthorities {
  if (file === '') return { pem: [], haveIssued: () => false };
  const pem = readBundle(file);
  const authorities = pem.map((text) => new X509Certificate(text));
  return {
    pem,
    haveIssued: (certificate, now) =>
      isInTime(certificate, now) &&
      authorities.some(
        (authority) =>
          authority.ca &&
          isInTime(authority, now) &&
          certificate.checkIssued(authority) &&
          certificate.verify(authority.publicKey),
      ),
  };
}

/** A certificate as policies see it (RFC 8705 §3.1: SHA-256 over the DER). */
export function clientCertificateOf(der: Buffer, isTrusted: boolean): ClientCertificate {
  return { thumbprint: hash('sha256', der, 'base64url'), der, isTrusted };
}

/** Whether a certificate's time has come and is not over; `now` is epoch ms. */
function isInTime({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return now >= validFromDate.getTime() && now <= validToDate.getTime();
}

function readBundle(file: string): string[] {
  let found: string[];
  try {
    found = readFileSync(file, 'utf8').match(PEM) ?? [];
    for (const text of found) new X509Certificate(text); // throws when it is none
  } catch (error) {
    throw new ConfigurationError(
      `Client authorities ${file}: ${error instanceof Error ? error.message : 'unreadable'}.`,
    );
  }
  if (found.length === 0) throw new ConfigurationError(`Client authorities ${file}: there is no certificate in it.`);
  return found;
}
