import { type DestinationStream, destination as openDestination, type Logger as Pino, pino } from 'pino';
import type { Logger } from '#core/logger';

/** How much is logged. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const SENSITIVE = [
  'authorization',
  'proxyAuthorization',
  'cookie',
  'token',
  'accessToken',
  'access_token',
  'refresh_token',
  'secret',
  'consumerSecret',
  'client_secret',
  'password',
  'masterKey',
  'key',
];
/** Our own secrets and keys have prefixes; bearer credentials have a scheme. Wherever they stand in a line, they are cut out. */
const SENSITIVE_TEXT = /\b(gw[sm]_)[0-9A-Za-z]{20,}|\b((?:bearer|basic)\s+)[A-Za-z0-9._~+/-]{8,}=*/gi;

/**
 * The log of this process: one JSON line each, to standard error unless told otherwise. Fields that name a secret are replaced, and so is
 * text that looks like one, in case somebody logs what he should not.
 */
export function createLogger(options: {
  readonly level: LogLevel;
  /** Which process it is, e.g. `gateway-worker`. */
  readonly name: string;
  readonly destination?: DestinationStream;
}): Logger {
  const log = pino(
    {
      name: options.name,
      level: options.level,
      redact: { paths: SENSITIVE.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      hooks: { streamWrite: (line) => line.replace(SENSITIVE_TEXT, '$1$2[redacted]') },
    },
    options.destination ?? openDestination({ fd: 2, sync: true }),
  );
  return adapt(log);
}

function adapt(log: Pino): Logger {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    child: (fields) => adapt(log.child(fields)),
  };
}
