import { readFileSync } from 'node:fs';
import { ConfigurationError } from '#core/errors';
import { type PostgresStoreSettings, postgresStoreSettings, type TokenStorePlace } from '#core/model/token-store';

/** Where a PostgreSQL store is, and its password. */
export type PostgresPlace = Extract<TokenStorePlace, { kind: 'postgres' }>;

const OPTIONS = ['schema', 'tls', 'ca', 'pool'];
const SHAPE =
  /^postgres(?:ql)?:\/\/(?:([^@/?]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/?@[\]]+)(?::(\d{1,5}))?(?:\/([^/?]*))?(?:\?(.*))?$/;

/**
 * Parses `postgres://[user:password@]host[:port][/database][?schema=…][&tls=true][&ca=FILE][&pool=8]`; `postgresql://` is the same.
 * @throws ConfigurationError which names what is wrong, never the password
 */
export function parsePostgresUrl(url: string): PostgresPlace {
  const [, credentials = '', host, port = '5432', database = '', query = ''] = SHAPE.exec(url) ?? [];
  if (host === undefined) throw wrong('it has the form postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  const options = new URLSearchParams(query);
  for (const name of options.keys()) if (!OPTIONS.includes(name)) throw wrong(`there is no option "${name}"`);
  const caFile = options.get('ca');
  const tls = options.get('tls') ?? 'false';
  if (tls !== 'true' && tls !== 'false') throw wrong('tls is true or false');
  const [user, password] = parseCredentials(credentials);
  const parsed = postgresStoreSettings.safeParse({
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port),
    database: database === '' ? 'gatewright' : decode(database, 'database'),
    schema: options.get('schema') ?? 'gatewright_tokens',
    user: user === '' ? 'gatewright' : user,
    tls: tls === 'true',
    ca: caFile === null ? '' : readAuthorities(caFile),
    poolSize: Number(options.get('pool') ?? 8),
  } satisfies Record<keyof PostgresStoreSettings, unknown>);
  if (!parsed.success) {
    const name = String(parsed.error.issues[0]?.path[0] ?? 'something');
    throw wrong(`${name === 'poolSize' ? 'pool' : name} is not understood`);
  }
  return { kind: 'postgres', postgres: parsed.data, password };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw wrong(`the file ${file} cannot be read`);
  }
}

function parseCredentials(text: string): [string, string | undefined] {
  const at = text.indexOf(':');
  if (at === -1) return [decode(text, 'user'), undefined];
  return [decode(text.slice(0, at), 'user'), decode(text.slice(at + 1), 'password')];
}

function decode(text: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`its ${name} is not percent-encoded`);
  }
}

function wrong(what: string): ConfigurationError {
  return new ConfigurationError(`The URL of the PostgreSQL token store is wrong: ${what}.`);
}
