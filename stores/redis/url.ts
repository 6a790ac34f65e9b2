import { readFileSync } from 'node:fs';
import { ConfigurationError } from '#core/errors';
import type { TokenStorePlace } from '#core/model/token-store';

/** What a URL of a Redis or Valkey store says. */
export interface RedisPlace {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** Name of the primary that the Sentinels watch. */
  readonly sentinelName: string | undefined;
  readonly isTls: boolean;
  /** Authorities to believe (PEM); undefined: those of the system. */
  readonly ca: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Before every key, with the hash tag. */
  readonly prefix: string;
  /** The operator accepts that what was written last may be lost (decision 39). */
  readonly isLossAccepted: boolean;
}

const OPTIONS = ['sentinel', 'cluster', 'ca', 'prefix', 'lossAccepted'];
const SHAPE = /^redis(s?):\/\/(?:([^@/?]*)@)?([^/?@]+)(?:\/(\d*))?(?:\?(.*))?$/;

/**
 * Parses `redis[s]://[user:password@]host[:port][,host[:port]…][/database][?sentinel=NAME|cluster=true][&prefix=…][&ca=FILE][&lossAccepted=true]`.
 * @throws ConfigurationError which names what is wrong, never the password
 */
export function parseRedisUrl(url: string): RedisPlace {
  const [, tls, credentials, hosts, database = '', query = ''] = SHAPE.exec(url) ?? [];
  if (hosts === undefined) throw wrong('it has the form redis://HOST:PORT');
  const options = new URLSearchParams(query);
  for (const name of options.keys()) if (!OPTIONS.includes(name)) throw wrong(`there is no option "${name}"`);
  const sentinelName = options.get('sentinel') ?? undefined;
  const isCluster = options.get('cluster') === 'true';
  if (isCluster && sentinelName !== undefined) throw wrong('it is either of Sentinels or of a Cluster');
  if (isCluster && Number(database) !== 0) throw wrong('a Cluster has no database but 0');
  const prefix = options.get('prefix') ?? 'gatewright';
  if (!/^[\w-]{1,64}$/.test(prefix)) throw wrong('its prefix has letters, digits, - and _ only');
  const defaultPort = sentinelName === undefined ? 6379 : 26379;
  const nodes = hosts.split(',').map((host) => parseNode(host, defaultPort));
  const mode = isCluster ? 'cluster' : sentinelName === undefined ? 'single' : 'sentinel';
  if (mode === 'single' && nodes.length > 1) throw wrong('several hosts need sentinel=NAME or cluster=true');
  const [username, password] = parseCredentials(credentials);
  return {
    ...{ nodes, mode, sentinelName, username, password },
    isTls: tls === 's',
    ca: readAuthorities(options.get('ca')),
    database: Number(database),
    prefix: `{${prefix}}:`,
    isLossAccepted: options.get('lossAccepted') === 'true',
  };
}

/** What the settings of a managed store say. @throws ConfigurationError for a node that is none */
export function redisPlaceOf({ redis, password }: Extract<TokenStorePlace, { kind: 'redis' }>): RedisPlace {
  const { mode, nodes, sentinelName, user, database, prefix, tls, ca, lossAccepted } = redis;
  const defaultPort = mode === 'sentinel' ? 26379 : 6379;
  return {
    ...{ mode, database, password, isTls: tls, isLossAccepted: lossAccepted, prefix: `{${prefix}}:` },
    nodes: nodes.map((node) => parseNode(node, defaultPort)),
    sentinelName: sentinelName === '' ? undefined : sentinelName,
    ca: ca === '' ? undefined : ca,
    username: user === '' ? undefined : user,
  };
}

function readAuthorities(file: string | null): string | undefined {
  if (file === null) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw wrong(`its ca cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseNode(text: string, defaultPort: number): RedisPlace['nodes'][number] {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[2] ?? defaultPort);
  if (match?.[1] === undefined || port < 1 || port > 65_535) throw wrong(`"${text}" is no host and port`);
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
}

function parseCredentials(text: string | undefined): [string | undefined, string | undefined] {
  if (text === undefined || text === '') return [undefined, undefined];
  const at = text.indexOf(':');
  try {
    const username = decodeURIComponent(at === -1 ? text : text.slice(0, at));
    const password = at === -1 ? undefined : decodeURIComponent(text.slice(at + 1));
    return [username === '' ? undefined : username, password];
  } catch {
    throw wrong('its user or password is not percent-encoded');
  }
}

function wrong(what: string): ConfigurationError {
  return new ConfigurationError(`The URL of Redis is wrong: ${what}.`);
}
