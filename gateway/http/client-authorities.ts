import { hash, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { ClientCertificate } from '#core/message';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The authorities whose client certificates are believed. */
export interface ClientAuthorities {
  /** As `node:tls` takes them; empty: nobody is believed. Never its own default, which is every authority of the web. */
  readonly pem: readonly string[];
  /** True when one of them issued the certificate and it is in time. For certificates that a proxy passes on. */
  haveIssued(certificate: X509Certificate, now: number): boolean;
  /** True when this certificate is one of theirs, whatever its time. For the end of a chain that `node:tls` believed. */
  includes(der: Buffer): boolean;
}

/** The authorities of a file, as it is now. */
export interface WatchedAuthorities {
  /** Another object after each change. */
  readonly present: ClientAuthorities;
  /** Calls back after a change. */
  onChange(listener: () => void): void;
  close(): void;
}

const WATCH_MS = 2000;

/**
 * Reads the authorities of a file, and again when it changes. A file that cannot be read, or holds none, leaves the old ones believed: to believe
 * nobody takes a restart without the setting.
 * @param file PEM bundle; empty: no authorities @throws ConfigurationError when it cannot be read or holds none at first
 */
export function watchClientAuthorities(file: string, logger: Logger): WatchedAuthorities {
  let present = readClientAuthorities(file);
  const listeners: (() => void)[] = [];
  const reload = (): void => {
    try {
      present = readClientAuthorities(file);
      logger.info({ file, authorities: present.pem.length }, 'client authorities read again');
    } catch (error) {
      const problem = error instanceof Error ? error.message : 'unknown';
      logger.warn({ problem }, 'client authorities kept, the new ones cannot be read');
      return;
    }
    for (const listener of listeners) listener();
  };
  if (file !== '') watchFile(file, { interval: WATCH_MS, persistent: false }, reload);
  return {
    get present() {
      return present;
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => file !== '' && unwatchFile(file, reload),
  };
}

/** @throws ConfigurationError */
function readClientAuthorities(file: string): ClientAuthorities {
  if (file === '') return { pem: [], haveIssued: () => false, includes: () => false };
  const pem = readBundle(file);
  const authorities = pem.map((text) => new X509Certificate(text));
  const known = new Set(authorities.map(({ raw }) => raw.toString('base64')));
  return {
    pem,
    includes: (der) => known.has(der.toString('base64')),
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
