import * as z from 'zod';

const port = (fallback: number, what: string) =>
  z.int().min(0).max(65_535).default(fallback).describe(`${what} 0: any free port.`);
const bytes = (fallback: number, what: string) => z.int().min(0).default(fallback).describe(what);
const ms = (fallback: number, what: string) => z.int().min(0).max(86_400_000).default(fallback).describe(what);
const text = (fallback: string, what: string) => z.string().max(4096).default(fallback).describe(what);

/** Name of the gateway that `gatewright start` runs unless told otherwise. */
export const DEFAULT_GATEWAY_NAME = 'local-1';

const certificate = z.strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) });
const tls = {
  certFile: text('', 'Certificate chain (PEM file). With keyFile: TLS; both are read again when they change.'),
  keyFile: text('', 'Private key of certFile (PEM file).'),
  certificates: z
    .array(certificate)
    .max(100)
    .default([])
    .describe('Further certificates, chosen by the name that the client asks for (SNI).'),
};

/**
 * Every setting of the program. A setting's environment variable is `GATEWRIGHT_` and its path in capitals: `manager.port` is
 * GATEWRIGHT_MANAGER_PORT. Environment over file over these defaults.
 */
export const configSchema = z.strictObject({
  dataDir: text('./gatewright-data', 'Where everything is kept. Made (0700) when missing.'),
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      'Use 1 to 63 letters, digits, ".", "_" and "-", and begin with a letter or digit.',
    )
    .default(DEFAULT_GATEWAY_NAME)
    .describe(
      'Name of this gateway. Several on one data directory need different ones; each has a folder of its own there.',
    ),
  serverGroup: text('local', 'Name of the server group that this gateway belongs to.'),
  workers: z.int().min(0).max(256).default(0).describe('Gateway workers. 0: one a core.'),
  bootstrapToken: text(
    '',
    'Secret of at least 32 characters that becomes a management API key with the Admin role on the first start.',
  ),
  masterKeyFile: text(
    '',
    'File with the master key. Empty: master.key in the data directory, made on the first start.',
  ),
  minFreeBytes: bytes(536_870_912, 'Below this much free disk records, then tokens, are no longer written.'),
  database: z
    .strictObject({
      url: z
        .string()
        .max(4096)
        .regex(/^(?:postgres(?:ql)?:\/\/.+)?$/i, 'Write postgres://<user>:<password>@<host>:<port>/<database>.')
        .default('')
        .describe(
          "PostgreSQL database for the manager's data, on which several managers may work: postgres://USER:PASSWORD@HOST:PORT/DATABASE. Empty: SQLite, manager.db in the data directory.",
        ),
    })
    .prefault({}),
  manager: z
    .strictObject({
      host: text('127.0.0.1', 'Address the management API listens on.'),
      port: port(9000, 'Port of the management API.'),
      publicUrl: text(
        '',
        'Where people reach it, e.g. https://gatewright.example.com. Empty: the address it listens on.',
      ),
      hosts: z
        .array(z.string().max(253))
        .max(50)
        .default([])
        .describe('Host names it answers to, beside those of publicUrl and the loopback names.'),
      allowPlainHttp: z
        .boolean()
        .default(false)
        .describe('Let an address other than loopback be served without TLS (behind a proxy that has it).'),
      acceptGateways: z
        .boolean()
        .default(true)
        .describe('Let gateways from elsewhere join. Their port is opened when the first join token is made.'),
      gatewayHost: text('127.0.0.1', 'Address on which joined gateways reach it (TLS with certificates of its own).'),
      gatewayPort: port(9003, 'Port on which joined gateways reach it.'),
      gatewayUrl: z
        .string()
        .max(2048)
        .regex(/^(?:https:\/\/[^/?#\s]+\/?)?$/, 'Write https://<host>:<port>.')
        .default('')
        .describe('Where joined gateways reach it, e.g. https://manager.internal:9003. Empty: where it listens.'),
      gatewayCertificateMs: z
        .int()
        .min(6_000)
        .max(366 * 86_400_000)
        .default(30 * 86_400_000)
        .describe("How long a joined gateway's certificate is valid. It is renewed at two thirds of that."),
      ...tls,
    })
    .prefault({}),
  gateway: z
    .strictObject({
      host: text('127.0.0.1', 'Address the gateway listens on.'),
      port: port(8000, 'Port of the gateway.'),
      advertisedUrl: z
        .string()
        .max(2048)
        .regex(/^(?:https?:\/\/[^/?#\s]+)?$/, 'Write an origin: http://<host>:<port>.')
        .default('')
        .describe(
          'Where this gateway is reached, as it tells the manager. Empty: where it listens; on every address, its host name when it joined.',
        ),
      trustedProxies: z
        .array(z.string().max(64))
        .max(100)
        .default([])
        .describe('Addresses or CIDR blocks whose X-Forwarded-* and Forwarded fields are believed.'),
      clientCertificates: z
        .boolean()
        .default(false)
        .describe('Ask clients for TLS certificates (RFC 8705). They may have none; needs certFile.'),
      clientCaFile: text(
        '',
        'Authorities (PEM bundle) whose client certificates are believed. Empty: none; certificates that clients registered themselves work all the same. Read again when it changes.',
      ),
      clientCertificateField: z
        .enum(['', 'Client-Cert', 'X-Client-Cert', 'X-SSL-Client-Cert'])
        .default('')
        .describe(
          'Header field in which trustedProxies pass on the certificate of their client, as RFC 9440 or percent-encoded PEM. They must remove it from what comes from outside. Empty: none is believed.',
        ),
      mtlsUrl: z
        .string()
        .max(2048)
        .regex(/^(?:https:\/\/[^/?#\s]+)?$/, 'Write an origin: https://<host>[:<port>].')
        .default('')
        .describe(
          'Where clients with certificates reach this group, when elsewhere than others: mtls_endpoint_aliases of the metadata.',
        ),
      headerLimitBytes: bytes(16_384, 'Largest request line and header fields.'),
      bodyLimitBytes: bytes(104_857_600, 'Largest request body that is passed on. 0: any.'),
      headTimeoutMs: ms(15_000, 'Longest wait for the head of a request.'),
      bodyTimeoutMs: ms(300_000, 'Longest wait for a whole request.'),
      keepAliveTimeoutMs: ms(65_000, 'How long an idle connection is kept.'),
      maxConnections: z.int().min(1).max(1_000_000).default(10_000).describe('Most connections a worker holds.'),
      connectionsPerAddress: z
        .int()
        .min(0)
        .max(1_000_000)
        .default(0)
        .describe('Most connections a worker takes from one address. 0: any.'),
      drainDelayMs: ms(
        0,
        'How long it says "not ready" before it takes no more connections (for a load balancer to notice).',
      ),
      drainTimeoutMs: ms(30_000, 'Longest wait for exchanges under way when stopping.'),
      ...tls,
    })
    .prefault({}),
  admin: z
    .strictObject({
      host: text('127.0.0.1', 'Address of the admin listeners (health, readiness, metrics).'),
      port: port(9001, 'Admin port of the gateway.'),
      managerPort: port(9002, 'Admin port of the manager.'),
    })
    .prefault({}),
  tokenStore: z
    .strictObject({
      url: text(
        '',
        'sqlite:FILE, redis[s]://HOST:PORT, postgres://HOST/DATABASE, cassandra://HOST/KEYSPACE, cassandra-embedded: or memory: (one worker only). Empty: sqlite, tokens.db in the data directory.',
      ),
      explainRetentionMs: ms(
        7_200_000,
        'How long dead tokens are still known by name (expired, revoked) for explanations.',
      ),
      purgeIntervalMs: ms(
        60_000,
        'How often expired tokens, codes, sessions and replay ids are removed, in small batches. 0: never here.',
      ),
    })
    .prefault({}),
  counterStore: z
    .strictObject({
      url: text(
        '',
        'Where Quota and Spike Arrest count: redis[s]://HOST:PORT, exact over all gateways. Empty: each gateway for itself, in its folder.',
      ),
    })
    .prefault({}),
  records: z
    .strictObject({
      retentionDays: z.int().min(1).max(365).default(7).describe('How long exchange records are kept, in days.'),
      limitBytes: bytes(2_147_483_648, 'How much disk they may take; the oldest go first.'),
    })
    .prefault({}),
  audit: z
    .strictObject({
      checkpointFile: text(
        '',
        'File that every signed checkpoint of the audit trail is appended to (a line of JSON each). Best on a disk that whoever runs Gatewright cannot rewrite.',
      ),
      checkpointUrl: text('', 'URL that every signed checkpoint is posted to as JSON.'),
      retentionDays: z
        .int()
        .min(0)
        .max(36_500)
        .optional()
        .describe(
          'How many days the audit trail is kept, whatever Settings say; 0: for ever. Left out: as Settings say.',
        ),
    })
    .prefault({}),
  outbound: z
    .strictObject({
      allow: z
        .array(z.string().max(300))
        .max(200)
        .default([])
        .describe(
          'What imports, identity providers and webhooks may call although it is a loopback, link-local or metadata address: hosts, host:port, addresses, CIDR blocks. A port of Gatewright itself only as host:port.',
        ),
    })
    .prefault({}),
  limits: z
    .strictObject({
      issuePerSecond: z
        .int()
        .min(1)
        .default(100)
        .describe('Most tokens that one client gets in a second from one worker.'),
      liveTokens: z.int().min(1).default(100_000).describe('Most tokens of one client that have not expired.'),
      failedAuthPerMinute: z
        .int()
        .min(1)
        .default(20)
        .describe('Most failed client authentications a minute for one key from one address.'),
      managementPerSecond: z.int().min(1).default(50).describe('Most management API calls a second for one key.'),
      cacheEntries: z
        .int()
        .min(100)
        .default(10_000)
        .describe('Verified tokens that a worker remembers (for at most 5 s each).'),
      unknownEntries: z
        .int()
        .min(100)
        .default(10_000)
        .describe('Unknown tokens that a worker remembers (for at most 1 s each).'),
      missesPerSecond: z
        .int()
        .min(1)
        .default(50)
        .describe('Unknown short tokens a second and address for which the store is asked.'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Least weight of what is logged.'),
    })
    .prefault({}),
});

/** All settings, complete. */
export type Config = z.infer<typeof configSchema>;

/** Settings that are secrets: masked when shown, and also taken from the file named in GATEWRIGHT_…_FILE. */
export const SECRET_SETTINGS: readonly string[] = [
  'bootstrapToken',
  'tokenStore.url',
  'counterStore.url',
  'database.url',
];

/** Variables beginning with GATEWRIGHT_ that are not settings of the server. */
export const OTHER_VARIABLES: readonly string[] = [
  'GATEWRIGHT_CONFIG_FILE',
  'GATEWRIGHT_SERVER',
  'GATEWRIGHT_TOKEN',
  'GATEWRIGHT_TOKEN_FILE',
  'GATEWRIGHT_JOIN_TOKEN',
  'GATEWRIGHT_NO_INSTALL',
  'GATEWRIGHT_CONSUMER_KEY',
  'GATEWRIGHT_CONSUMER_SECRET',
  'GATEWRIGHT_FAULT_ROUNDS',
];
