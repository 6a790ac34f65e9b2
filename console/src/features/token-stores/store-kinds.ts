import type { TokenStoreView } from '#core/model/token-store';

export type StoreKind = TokenStoreView['kind'];

/** Under which name the settings of a kind stand in the API. */
export type SettingsName = 'redis' | 'sqlite' | 'postgres' | 'cassandra' | 'embedded';

interface KindWords {
  readonly title: string;
  /** When to choose it. */
  readonly hint: string;
  /** `memory` has none. */
  readonly settings: SettingsName | undefined;
}

/** Kinds of token stores as people read them, in the order of the form. */
export const STORE_KINDS: Readonly<Record<StoreKind, KindWords>> = {
  redis: { title: 'Redis', hint: 'A cache that gateways on several machines share; Valkey too.', settings: 'redis' },
  postgres: {
    title: 'PostgreSQL',
    hint: 'A relational database that gateways on several machines share.',
    settings: 'postgres',
  },
  cassandra: { title: 'Cassandra', hint: 'A cluster of yours, over several data centres.', settings: 'cassandra' },
  sqlite: { title: 'SQLite', hint: 'A file that the gateways of one machine share.', settings: 'sqlite' },
  'cassandra-embedded': {
    title: 'Cassandra, embedded',
    hint: 'A node that Gatewright starts and watches on this machine.',
    settings: 'embedded',
  },
  memory: {
    title: 'Memory',
    hint: 'Of one process, and gone with it: for tests, and a gateway with one worker.',
    settings: undefined,
  },
};

/** What stores keep, as people read it. */
export const RECORD_TITLES: Readonly<Record<string, string>> = {
  access: 'Access tokens',
  refresh: 'Refresh tokens',
  codes: 'Authorization codes',
  grants: 'Grants',
  consents: 'Consents',
  transients: 'Sign-ins and requests',
  once: 'Taken once',
};
