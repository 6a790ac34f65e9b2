import * as z from 'zod';
import { displayNameSchema, nameSchema } from './name.ts';
import { recordFields } from './record.ts';

/** Kinds of token stores: `memory` and `redis` are caches, `sqlite` and `postgres` relational databases. */
export const TOKEN_STORE_KINDS = ['memory', 'redis', 'sqlite', 'postgres', 'cassandra', 'cassandra-embedded'] as const;

/** The name of the store that the configuration file describes (`tokenStore.url`): always there, and the default until another is made so. */
export const CONFIGURED_STORE = 'configured';

const hostAndPort = z
  .string()
  .max(300)
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/, 'A host and a port, e.g. redis.example.com:6379.');
const host = z
  .string()
  .min(1)
  .max(253)
  .regex(/^(?:[0-9a-fA-F:.]+|[A-Za-z0-9._-]+)$/, 'A host name or address.');
const word = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,47}$/, 'Letters, digits and _, starting with a letter.');
const user = z.string().max(256).describe('User; empty: none.');
const ca = z
  .string()
  .max(100_000)
  .describe("Certificates (PEM) that the server's must lead to; empty: those of the system.");
const tls = z.boolean().describe('TLS, with the certificate checked.');

const redisFields = {
  mode: z.enum(['single', 'sentinel', 'cluster']).describe('One server, Sentinels that know it, or a Cluster.'),
  nodes: z
    .array(hostAndPort)
    .min(1)
    .max(32)
    .describe('host:port of the server, of the Sentinels, or of nodes of the Cluster.'),
  sentinelName: z.string().max(128).describe('Name of the primary that the Sentinels watch; with mode sentinel.'),
  user,
  database: z.int().min(0).max(1023).describe('Number of the database; a Cluster has only 0.'),
  prefix: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'Letters, digits, - and _.')
    .describe('Before every key.'),
  tls,
  ca,
  lossAccepted: z
    .boolean()
    .describe('It is accepted that what was written last is lost when the server fails, so that nothing warns of it.'),
};

const sqliteFields = {
  file: z.string().max(1000).describe("File, from the gateway's data directory on; empty: tokens-<name>.db in it."),
};

const postgresFields = {
  host,
  port: z.int().min(1).max(65_535),
  database: z.string().min(1).max(63),
  schema: word.describe('Schema in which the tables are; made when it is missing.'),
  user,
  tls,
  ca,
  poolSize: z.int().min(2).max(64).describe('Connections a process.'),
};

const CONSISTENCIES = ['LOCAL_QUORUM', 'QUORUM', 'EACH_QUORUM', 'ALL', 'LOCAL_ONE', 'ONE'] as const;
const cassandraFields = {
  contactPoints: z.array(hostAndPort).min(1).max(32).describe('host:port of some nodes.'),
  dataCentre: z.string().min(1).max(128).describe('Data centre near the gateways.'),
  keyspace: word.describe('Keyspace; made when it is missing.'),
  replicationFactor: z
    .int()
    .min(1)
    .max(7)
    .describe('Copies in the data centre, for a keyspace that is made here: 3 in production.'),
  consistency: z
    .enum(CONSISTENCIES)
    .describe(
      'How many copies must answer, for reads and writes. Below LOCAL_QUORUM a token just issued may be unknown, and one just revoked may pass.',
    ),
  user,
  tls,
  ca,
};

const embeddedFields = {
  heapMb: z.int().min(128).max(32_768).describe('Heap of its Java machine, in MiB.'),
  commitLog: z
    .enum(['group', 'batch'])
    .describe('group: writes of 2 ms reach the disk together. batch: each waits for its own.'),
};

const password = z.string().min(1).max(1024).describe('Password. Never shown again.');

/** Settings of each kind, as they are shown: without credentials. */
export const redisStoreSettings = z.strictObject(redisFields);
export const sqliteStoreSettings = z.strictObject(sqliteFields);
export const postgresStoreSettings = z.strictObject(postgresFields);
export const cassandraStoreSettings = z.strictObject(cassandraFields);
export const embeddedCassandraSettings = z.strictObject(embeddedFields);
export type RedisStoreSettings = z.infer<typeof redisStoreSettings>;
export type SqliteStoreSettings = z.infer<typeof sqliteStoreSettings>;
export type PostgresStoreSettings = z.infer<typeof postgresStoreSettings>;
export type CassandraStoreSettings = z.infer<typeof cassandraStoreSettings>;
export type EmbeddedCassandraSettings = z.infer<typeof embeddedCassandraSettings>;

/** Where a token store is and how it is opened: what an engine needs, credentials in the clear. Never logged, never answered. */
export type TokenStorePlace =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly sqlite: SqliteStoreSettings }
  | { readonly kind: 'redis'; readonly redis: RedisStoreSettings; readonly password?: string | undefined }
  | { readonly kind: 'postgres'; readonly postgres: PostgresStoreSettings; readonly password?: string | undefined }
  | { readonly kind: 'cassandra'; readonly cassandra: CassandraStoreSettings; readonly password?: string | undefined }
  | { readonly kind: 'cassandra-embedded'; readonly embedded: EmbeddedCassandraSettings };

const newRedis = z.strictObject({
  ...redisFields,
  mode: redisFields.mode.default('single'),
  sentinelName: redisFields.sentinelName.default(''),
  user: user.default(''),
  database: redisFields.database.default(0),
  prefix: redisFields.prefix.default('gatewright'),
  tls: tls.default(false),
  ca: ca.default(''),
  lossAccepted: redisFields.lossAccepted.default(false),
  password: password.optional(),
});
const newSqlite = z.strictObject({ file: sqliteFields.file.default('') });
const newPostgres = z.strictObject({
  ...postgresFields,
  port: postgresFields.port.default(5432),
  database: postgresFields.database.default('gatewright'),
  schema: postgresFields.schema.default('gatewright_tokens'),
  user: user.default('gatewright'),
  tls: tls.default(false),
  ca: ca.default(''),
  poolSize: postgresFields.poolSize.default(8),
  password: password.optional(),
});
const newCassandra = z.strictObject({
  ...cassandraFields,
  dataCentre: cassandraFields.dataCentre.default('datacenter1'),
  keyspace: cassandraFields.keyspace.default('gatewright'),
  replicationFactor: cassandraFields.replicationFactor.default(3),
  consistency: cassandraFields.consistency.default('LOCAL_QUORUM'),
  user: user.default(''),
  tls: tls.default(false),
  ca: ca.default(''),
  password: password.optional(),
});
const newEmbedded = z.strictObject({
  heapMb: embeddedFields.heapMb.default(384),
  commitLog: embeddedFields.commitLog.default('group'),
});

const kind = z
  .enum(TOKEN_STORE_KINDS)
  .describe(
    'memory, redis: a cache. sqlite, postgres: a relational database. cassandra; cassandra-embedded: started here.',
  );

/** Body of a create: the settings of its kind beside it. */
export const createTokenStore = z.strictObject({
  name: nameSchema.optional(),
  displayName: displayNameSchema,
  kind,
  redis: newRedis.optional().describe('For the kind redis.'),
  sqlite: newSqlite.optional().describe('For the kind sqlite.'),
  postgres: newPostgres.optional().describe('For the kind postgres.'),
  cassandra: newCassandra.optional().describe('For the kind cassandra.'),
  embedded: newEmbedded.optional().describe('For the kind cassandra-embedded.'),
});
export type CreateTokenStore = z.output<typeof createTokenStore>;

/** Body of a patch: what is left out stays, credentials too. The kind stays: move to another store instead. */
export const patchTokenStore = z
  .strictObject({
    displayName: displayNameSchema,
    redis: z.strictObject({ ...redisFields, password }).partial(),
    postgres: z.strictObject({ ...postgresFields, password }).partial(),
    cassandra: z.strictObject({ ...cassandraFields, password }).partial(),
    embedded: embeddedCassandraSettings.partial(),
  })
  .partial();
export type PatchTokenStore = z.output<typeof patchTokenStore>;

/** How a token store is doing, as seen by the manager. */
export const tokenStoreHealth = z.strictObject({
  state: z.enum(['ok', 'slow', 'away', 'unused']).describe('away: it does not answer. unused: nothing opens it.'),
  checkedAt: z.number().optional().describe('Epoch ms.'),
  ms: z.number().optional().describe('How long a find took.'),
  problem: z.string().optional().describe('What went wrong, or what its settings put at risk.'),
  records: z.record(z.string(), z.number()).optional().describe('Records that it holds, by kind; may be estimates.'),
});
export type TokenStoreHealth = z.infer<typeof tokenStoreHealth>;

/** A token store, as it is shown. */
/** A migration of all that a store keeps into another one. */
export const tokenStoreMigration = z.strictObject({
  to: nameSchema.describe('The store to which everything goes.'),
  phase: z
    .enum(['copying', 'settling', 'closing', 'done'])
    .describe('Everything once; codes and refresh tokens until none is left; what came of those meanwhile.'),
  moved: z.int().describe('Records that were moved.'),
  total: z.int().optional().describe('About how many there were when it began; left out until that was counted.'),
  startedAt: z.number(),
  startedBy: z.string(),
  endedAt: z.number().optional(),
  problem: z.string().optional().describe('Why it does not go on just now. It is tried again by itself.'),
});
export type TokenStoreMigration = z.infer<typeof tokenStoreMigration>;

/** Body of the request that begins one. */
export const migrateTokenStore = z.strictObject({
  to: nameSchema.describe('Name of the store to which everything goes.'),
});

export const tokenStoreView = z.strictObject({
  ...recordFields,
  name: nameSchema,
  displayName: displayNameSchema,
  kind,
  isDefault: z.boolean().describe('Policies that name no store use it.'),
  isConfigured: z.boolean().describe('The configuration file describes it (tokenStore.url): it is changed there.'),
  hasPassword: z.boolean().describe('A password is kept, encrypted.'),
  redis: redisStoreSettings.optional(),
  sqlite: sqliteStoreSettings.optional(),
  postgres: postgresStoreSettings.optional(),
  cassandra: cassandraStoreSettings.optional(),
  embedded: embeddedCassandraSettings.optional(),
  usedBy: z
    .array(z.strictObject({ project: z.string(), policy: z.string() }))
    .describe('Policies that name it, in drafts and in what is deployed; at most 100.'),
  migration: tokenStoreMigration.optional().describe('Where what it keeps is, or was migrated to.'),
  health: tokenStoreHealth,
});
export type TokenStoreView = z.infer<typeof tokenStoreView>;

/** Answer to a test: of a store that there is, or of settings before they are saved. */
export const tokenStoreTest = z.strictObject({
  isReached: z.boolean(),
  ms: z.int().describe('How long connecting, writing, reading and taking away a record took.'),
  problem: z.string().optional().describe('What went wrong, as the engine or the way to it says.'),
  warnings: z.array(z.string()).describe('What its settings put at risk, e.g. appendfsync of Redis.'),
});
export type TokenStoreTest = z.infer<typeof tokenStoreTest>;
