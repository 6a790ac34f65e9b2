import path from 'node:path';
import type { TokenStorePlace } from '#core/model/token-store';
import type { TokenStore } from '#core/token-store';
import { type CassandraStoreOptions, openCassandraTokenStore } from '../token-store.ts';
import { openEmbeddedNode } from './embedded-node.ts';

/** How the embedded store is opened. */
export interface EmbeddedStoreOptions extends CassandraStoreOptions {
  /** It gets the folder `cassandra` in there. */
  readonly dataDir: string;
  /** Where the jars are, or are fetched to; left out: `cassandra-jars` in the data directory. */
  readonly jarsFolder?: string | undefined;
}

/**
 * A token store on a Cassandra that Gatewright starts itself and that ends with it. All processes with the same data directory share it.
 * @throws ConfigurationError without Java 17 or Maven; UnavailableError when it does not start
 */
export async function openEmbeddedCassandraStore(
  { embedded: settings }: Extract<TokenStorePlace, { kind: 'cassandra-embedded' }>,
  options: EmbeddedStoreOptions,
): Promise<TokenStore> {
  const { clock, logger, random, dataDir, jarsFolder } = options;
  const folder = path.resolve(dataDir, 'cassandra');
  const node = await openEmbeddedNode({
    ...{ folder, settings, clock, logger, random },
    jarsFolder: jarsFolder ?? path.resolve(dataDir, 'cassandra-jars'),
  });
  try {
    const store = await openCassandraTokenStore(
      {
        kind: 'cassandra',
        cassandra: {
          ...{ contactPoints: [`${node.host}:${node.port}`], dataCentre: 'datacenter1', keyspace: 'gatewright' },
          ...{ replicationFactor: 1, consistency: 'LOCAL_QUORUM', user: '', tls: false, ca: '' },
        },
      },
      options,
    );
    return {
      ...store,
      kind: 'cassandra-embedded',
      // One copy is what it is: the data directory is backed up, not replicated.
      warnings: async () => [],
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await node[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await node[Symbol.asyncDispose]();
    throw error;
  }
}
