import { readFileSync } from 'node:fs';
import { ConfigurationError } from '#core/errors';
import {
  type CassandraStoreSettings,
  cassandraStoreSettings,
  embeddedCassandraSettings,
  type TokenStorePlace,
} from '#core/model/token-store';

const OPTIONS = ['dataCentre', 'replicationFactor', 'consistency', 'tls', 'ca'];
const SHAPE = /^cassandra:\/\/(?:([^@/?]*)@)?([^/?@]+)(?:\/([^/?]*))?(?:\?(.*))?$/;

/**
 * Parses `cassandra://[user:password@]host[:port][,host…][/keyspace][?dataCentre=…][&replicationFactor=3][&consistency=LOCAL_QUORUM][&tls=true][&ca=FILE]`.
 * @throws ConfigurationError which names what is wrong, never the password
 */
export function parseCassandraUrl(url: string): Extract<TokenStorePlace, { kind: 'cassandra' }> {
  const [, credentials = '', hosts, keyspace = '', query = ''] = SHAPE.exec(url) ?? [];
  if (hosts === undefined) throw wrong('it has the form cassandra://HOST:PORT/KEYSPACE');
  const options = new URLSearchParams(query);
  for (const name of options.keys()) if (!OPTIONS.includes(name)) throw wrong(`there is no option "${name}"`);
  const caFile = options.get('ca');
  const [user, password] = parseCredentials(credentials);
  const parsed = cassandraStoreSettings.safeParse({
    contactPoints: hosts.split(','),
    dataCentre: options.get('dataCentre') ?? 'datacenter1',
    keyspace: keyspace === '' ? 'gatewright' : keyspace,
    replicationFactor: Number(options.get('replicationFactor') ?? 3),
    consistency: options.get('consistency') ?? 'LOCAL_QUORUM',
    user,
    tls: options.get('tls') === 'true',
    ca: caFile === null ? '' : readAuthorities(caFile),
  } satisfies Record<keyof CassandraStoreSettings, unknown>);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(`${issue?.path.join('.') ?? 'something'} is not understood`);
  }
  return { kind: 'cassandra', cassandra: parsed.data, password };
}

/**
 * Parses `cassandra-embedded:[?heapMb=384][&commitLog=group|batch]`.
 * @throws ConfigurationError
 */
export function parseEmbeddedUrl(url: string): Extract<TokenStorePlace, { kind: 'cassandra-embedded' }> {
  const [, query = ''] = /^cassandra-embedded:(?:\?(.*))?$/.exec(url) ?? [];
  const { heapMb = '384', commitLog = 'group', ...rest } = Object.fromEntries(new URLSearchParams(query));
  const parsed = embeddedCassandraSettings.safeParse({ heapMb: Number(heapMb), commitLog, ...rest });
  if (!parsed.success || !/^[^:]*:(\?.*)?$/.test(url))
    throw new ConfigurationError(
      'The URL of the embedded Cassandra is wrong: it has the form cassandra-embedded:?heapMb=384&commitLog=group.',
    );
  return { kind: 'cassandra-embedded', embedded: parsed.data };
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
  try {
    if (at === -1) return [decodeURIComponent(text), undefined];
    return [decodeURIComponent(text.slice(0, at)), decodeURIComponent(text.slice(at + 1))];
  } catch {
    throw wrong('its user or password is not percent-encoded');
  }
}

function wrong(what: string): ConfigurationError {
  return new ConfigurationError(`The URL of the Cassandra token store is wrong: ${what}.`);
}
