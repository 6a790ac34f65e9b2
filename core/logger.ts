/** Fields of a log line. Never a token, secret, password or body. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log, one JSON line each; the adapter is pino. The message says what happened, the fields are its facts. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** A log that keeps quiet, for tests. */
export const noLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => noLogger,
};
