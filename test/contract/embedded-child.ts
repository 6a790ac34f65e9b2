import { systemClock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import { openEmbeddedCassandraStore } from '#stores/cassandra/embedded/token-store';
import { JARS_FOLDER } from '../support/cassandra.ts';
import { NOW, RETENTION_MS, sampleToken } from './sample-token.ts';

// Opens the embedded Cassandra of a data directory together with other processes, and saves and finds tokens when told to; the test kills it.

const [dataDir = ''] = process.argv.slice(2);
const store = await openEmbeddedCassandraStore(
  { kind: 'cassandra-embedded', embedded: { heapMb: 256, commitLog: 'group' } },
  {
    ...{ dataDir, jarsFolder: JARS_FOLDER, retentionMs: RETENTION_MS },
    ...{ clock: systemClock, logger: noLogger, random: systemRandom },
  },
);
process.on('message', async ({ save, find }: { save?: string; find?: string }) => {
  try {
    if (save !== undefined) await store.saveAccess(sampleToken(save));
    const found = find === undefined ? undefined : await store.findAccess(sha256Hex(find), NOW);
    process.send?.(found?.state ?? 'saved');
  } catch (error) {
    process.send?.(error instanceof Error ? error.name : 'failed');
  }
  if (save === undefined && find === undefined) {
    await store[Symbol.asyncDispose]();
    process.disconnect?.();
  }
});
process.send?.('ready');
