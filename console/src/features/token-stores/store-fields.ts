import type { SettingsName } from './store-kinds.ts';

/** Settings of one kind, as a form holds them. */
export type StoreSettings = Readonly<Record<string, unknown>>;

/** A setting as its form shows it: descriptions are those of the API (core/model/token-store.ts). */
export interface StoreField {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
  readonly input: 'text' | 'list' | 'number' | 'switch' | 'choice' | 'pem' | 'password';
  readonly isRequired?: boolean;
  /** Folded away: it has a good default. */
  readonly isAdvanced?: boolean;
  readonly placeholder?: string;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
  readonly suffix?: string;
  readonly isShown?: (settings: StoreSettings) => boolean;
  /** What stands there at first. */
  readonly initial: string | number | boolean | readonly string[];
}

const choices = (...values: readonly (readonly [value: string, label: string])[]) =>
  values.map(([value, label]) => ({ value, label }));

const user = (initial: string): StoreField => ({
  ...{ name: 'user', label: 'User', description: 'User; empty: none.', input: 'text', initial },
});
const password: StoreField = { name: 'password', label: 'Password', input: 'password', initial: '' };
const tls: StoreField = {
  ...{ name: 'tls', label: 'TLS', description: 'TLS, with the certificate checked.', input: 'switch', initial: false },
};
const ca: StoreField = {
  ...{ name: 'ca', label: 'Certificates of its authority', input: 'pem', initial: '', isAdvanced: true },
  description: "Certificates (PEM) that the server's must lead to; empty: those of the system.",
  isShown: ({ tls: isOn }) => isOn === true,
};

/** The settings of each kind, in the order of the form. */
export const STORE_FIELDS: Readonly<Record<SettingsName, readonly StoreField[]>> = {
  redis: [
    {
      ...{ name: 'mode', label: 'Mode', input: 'choice', initial: 'single' },
      description: 'One server, Sentinels that know it, or a Cluster.',
      choices: choices(['single', 'One server'], ['sentinel', 'Sentinels'], ['cluster', 'Cluster']),
    },
    {
      ...{ name: 'nodes', label: 'Nodes', input: 'list', isRequired: true, initial: [] },
      description: 'host:port of the server, of the Sentinels, or of nodes of the Cluster.',
      placeholder: 'redis.example.com:6379',
    },
    {
      ...{ name: 'sentinelName', label: 'Name of the primary', input: 'text', isRequired: true, initial: '' },
      description: 'Name of the primary that the Sentinels watch; with mode sentinel.',
      isShown: ({ mode }) => mode === 'sentinel',
    },
    user(''),
    password,
    tls,
    ca,
    {
      ...{ name: 'database', label: 'Database', input: 'number', initial: 0, isAdvanced: true },
      description: 'Number of the database; a Cluster has only 0.',
      isShown: ({ mode }) => mode !== 'cluster',
    },
    {
      ...{ name: 'prefix', label: 'Prefix of keys', input: 'text', initial: 'gatewright', isAdvanced: true },
      description: 'Before every key.',
    },
    {
      ...{ name: 'lossAccepted', label: 'Loss is accepted', input: 'switch', initial: false, isAdvanced: true },
      description:
        'It is accepted that what was written last is lost when the server fails, so that nothing warns of it.',
    },
  ],
  sqlite: [
    {
      ...{ name: 'file', label: 'File', input: 'text', initial: '' },
      description: "File, from the gateway's data directory on; empty: tokens-<name>.db in it.",
    },
  ],
  postgres: [
    { name: 'host', label: 'Host', input: 'text', isRequired: true, initial: '', placeholder: 'db.example.com' },
    { name: 'port', label: 'Port', input: 'number', initial: 5432 },
    { name: 'database', label: 'Database', input: 'text', isRequired: true, initial: 'gatewright' },
    user('gatewright'),
    password,
    tls,
    ca,
    {
      ...{ name: 'schema', label: 'Schema', input: 'text', initial: 'gatewright_tokens', isAdvanced: true },
      description: 'Schema in which the tables are; made when it is missing.',
    },
    {
      ...{ name: 'poolSize', label: 'Connections', input: 'number', initial: 8, isAdvanced: true },
      description: 'Connections a process.',
    },
  ],
  cassandra: [
    {
      ...{ name: 'contactPoints', label: 'Contact points', input: 'list', isRequired: true, initial: [] },
      description: 'host:port of some nodes.',
      placeholder: 'node-1.example.com:9042',
    },
    {
      ...{ name: 'dataCentre', label: 'Data centre', input: 'text', isRequired: true, initial: 'datacenter1' },
      description: 'Data centre near the gateways.',
    },
    user(''),
    password,
    tls,
    ca,
    {
      ...{ name: 'consistency', label: 'Consistency', input: 'choice', initial: 'LOCAL_QUORUM' },
      description:
        'How many copies must answer, for reads and writes. Below LOCAL_QUORUM a token just issued may be unknown, and one just revoked may pass.',
      choices: ['LOCAL_QUORUM', 'QUORUM', 'EACH_QUORUM', 'ALL', 'LOCAL_ONE', 'ONE'].map((value) => ({
        value,
        label: value,
      })),
    },
    {
      ...{ name: 'keyspace', label: 'Keyspace', input: 'text', initial: 'gatewright', isAdvanced: true },
      description: 'Keyspace; made when it is missing.',
    },
    {
      ...{ name: 'replicationFactor', label: 'Copies', input: 'number', initial: 3, isAdvanced: true },
      description: 'Copies in the data centre, for a keyspace that is made here: 3 in production.',
    },
  ],
  embedded: [
    {
      ...{ name: 'heapMb', label: 'Heap', input: 'number', initial: 384, suffix: ' MiB' },
      description: 'Heap of its Java machine, in MiB.',
    },
    {
      ...{ name: 'commitLog', label: 'Commit log', input: 'choice', initial: 'group' },
      description: 'group: writes of 2 ms reach the disk together. batch: each waits for its own.',
      choices: choices(['group', 'group'], ['batch', 'batch']),
    },
  ],
};
