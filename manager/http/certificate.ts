import { X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type SecureContext, Server as TlsServer } from 'node:tls';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';

const LOOK_EVERY_MS = 1000;

/** Files of a certificate and its key. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The certificates of a listener. */
export interface TlsFiles extends CertificateFiles {
  /** Further ones, chosen by the name that the client asks for (SNI). */
  readonly certificates: readonly CertificateFiles[];
}

/** Certificates that were read, and that are read again when their files change. */
export interface Certificates {
  /** What a TLS server is made with. */
  readonly serverOptions: {
    readonly cert: string;
    readonly key: string;
    readonly minVersion: 'TLSv1.2';
    readonly SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) => void;
  };
  /**
   * Gives a server the certificates anew whenever a file changes; open connections keep theirs. What cannot be used is logged and the ones
   * before stay: certificate and key are replaced one after the other.
   * @returns stops watching
   */
  watch(server: unknown, logger: Logger): () => void;
}

/** Reads the certificates. @throws ConfigurationError when they cannot be read or a key does not belong to its certificate */
export function openCertificates(files: TlsFiles): Certificates {
  let byName = contextsByName(files.certificates);
  return {
    serverOptions: {
      ...readPair(files),
      minVersion: 'TLSv1.2',
      SNICallback: (name, done) => done(null, byName.get(name.toLowerCase()) ?? byName.get(wildcardOf(name))),
    },
    watch(server, logger) {
      if (!(server instanceof TlsServer)) return () => {};
      const reload = () => {
        try {
          const pair = readPair(files);
          byName = contextsByName(files.certificates);
          server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' });
          logger.info({ certFile: files.certFile }, 'The certificates were read again');
        } catch (error) {
          logger.warn({ err: error }, 'The new certificates cannot be used; the ones before stay');
        }
      };
      const watched = [files, ...files.certificates].flatMap(({ certFile, keyFile }) => [certFile, keyFile]);
      for (const file of watched) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, reload);
      return () => {
        for (const file of watched) unwatchFile(file, reload);
      };
    },
  };
}

function readPair(files: CertificateFiles): { readonly cert: string; readonly key: string } {
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

function contextsByName(all: readonly CertificateFiles[]): ReadonlyMap<string, SecureContext> {
  return new Map(
    all.flatMap((files) => {
      const pair = readPair(files);
      const context = createSecureContext({ ...pair, minVersion: 'TLSv1.2' });
      return namesOf(pair.cert).map((name) => [name, context] as const);
    }),
  );
}

function namesOf(cert: string): string[] {
  const { subjectAltName } = new X509Certificate(cert);
  return (subjectAltName ?? '').match(/DNS:[^,\s]+/g)?.map((entry) => entry.slice(4).toLowerCase()) ?? [];
}

function wildcardOf(name: string): string {
  const dot = name.indexOf('.');
  return dot === -1 ? '' : `*${name.slice(dot).toLowerCase()}`;
}
