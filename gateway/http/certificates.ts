import { X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { ClientAuthorities, WatchedAuthorities } from './client-authorities.ts';
import type { FrontOptions } from './engine.ts';

const WATCH_MS = 2000;

interface Pair {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Certificates from files: the default one, further ones by SNI, read again when a file or the clients' authorities change. */
export interface Certificates {
  readonly serverOptions: SecureContextOptions & {
    readonly SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) => void;
  };
  /** Calls back with the new default pair after a change. A pair that cannot be read leaves the old one in use. */
  watch(onChange: (pair: SecureContextOptions) => void): void;
  close(): void;
}

/** @throws ConfigurationError when a file cannot be read or does not fit */
export function openCertificates(
  options: Pick<FrontOptions, 'certFile' | 'keyFile' | 'certificates' | 'clientCertificates'>,
  authorities: WatchedAuthorities,
  logger: Logger,
): Certificates {
  const pairs: readonly Pair[] = options.certificates;
  const asking = () => askingOptions(options, authorities.present);
  let byName = namedContexts(pairs, asking());
  const files = [options, ...pairs].flatMap(({ certFile, keyFile }) => [certFile, keyFile]);
  return {
    serverOptions: {
      ...readPair(options),
      ...asking(),
      minVersion: 'TLSv1.2',
      SNICallback: (name, done) => done(null, byName.get(name.toLowerCase()) ?? byName.get(wildcardOf(name))),
    },
    watch(onChange) {
      const reload = (): void => {
        try {
          const fresh = readPair(options);
          byName = namedContexts(pairs, asking());
          onChange({ ...fresh, ...asking(), minVersion: 'TLSv1.2' });
          logger.info({ certFile: options.certFile }, 'certificates read again');
        } catch (error) {
          // Certificate and key are replaced one after the other: the next change brings the fitting pair.
          logger.warn(
            { problem: error instanceof Error ? error.message : 'unknown' },
            'certificates kept, the new ones do not work',
          );
        }
      };
      authorities.onChange(reload);
      for (const file of files) watchFile(file, { interval: WATCH_MS, persistent: false }, reload);
    },
    close() {
      for (const file of files) unwatchFile(file);
    },
  };
}

function readPair({ certFile, keyFile }: Pair): { cert: string; key: string } {
  try {
    const pair = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    createSecureContext(pair); // throws when they do not belong together
    return pair;
  } catch (error) {
    throw new ConfigurationError(
      `Certificate ${certFile}: ${error instanceof Error ? error.message : 'cannot be read'}.`,
    );
  }
}

/** What asks clients for certificates. Who shows none, or one that is not believed, may come in: what it may do is decided later. */
function askingOptions(
  { clientCertificates }: Pick<FrontOptions, 'clientCertificates'>,
  authorities: ClientAuthorities,
): AskingOptions {
  if (clientCertificates !== true) return {};
  return { requestCert: true, rejectUnauthorized: false, ca: [...authorities.pem] };
}

interface AskingOptions {
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
  readonly ca?: string[];
}

function namedContexts(pairs: readonly Pair[], { ca }: AskingOptions): ReadonlyMap<string, SecureContext> {
  const contexts = new Map<string, SecureContext>();
  for (const pair of pairs) {
    const { cert, key } = readPair(pair);
    const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) });
    for (const name of namesOf(cert)) contexts.set(name, context);
  }
  return contexts;
}

function namesOf(cert: string): string[] {
  const { subjectAltName, subject } = new X509Certificate(cert);
  const alternative = (subjectAltName ?? '').match(/DNS:[^,\s]+/g)?.map((entry) => entry.slice(4).toLowerCase()) ?? [];
  const common = /^CN=(\S+)$/m.exec(subject)?.[1]?.toLowerCase();
  return alternative.length > 0 || common === undefined ? alternative : [common];
}

function wildcardOf(name: string): string {
  return `*${name.toLowerCase().slice(name.indexOf('.') === -1 ? name.length : name.indexOf('.'))}`;
}
