import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, Server as TlsServer } from 'node:tls';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';

const LOOK_EVERY_MS = 1000;

/** Certificate and key as PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Files of a certificate and its key. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Reads a certificate and its key. @throws ConfigurationError when they cannot be read or do not belong together */
export function readCertificate(files: CertificateFiles): Certificate {
  try {
    const pair = { cert: readFileSync(files.certFile, 'utf8'), key: readFileSync(files.keyFile, 'utf8') };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      `The certificate ${files.certFile} with the key ${files.keyFile} cannot be used: ${reason}`,
    );
  }
}

/**
 * Gives a TLS server the certificate anew whenever its files change; connections that are open keep theirs. A pair that cannot be used is
 * logged and the one before stays.
 * @returns stops watching
 */
export function reloadCertificate(server: unknown, files: CertificateFiles, logger: Logger): () => void {
  if (!(server instanceof TlsServer)) return () => {};
  const reload = () => {
    try {
      server.setSecureContext(readCertificate(files));
      logger.info({ certFile: files.certFile }, 'The certificate was read again');
    } catch (error) {
      logger.warn({ err: error, certFile: files.certFile }, 'The new certificate cannot be used; the one before stays');
    }
  };
  const watched = [files.certFile, files.keyFile];
  for (const file of watched) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, reload);
  return () => {
    for (const file of watched) unwatchFile(file, reload);
  };
}
