import type {
  ConsumerKeyEntry,
  FeedDirectory,
  FeedKind,
  FeedServerGroup,
  FeedSigningKeys,
  FeedTokenKeys,
  FeedTokenStore,
  FeedTryKey,
} from '#core/change-feed';
import type { ClientRegistry } from '#core/client-registry';
import { Refusal } from '#core/errors';
import { createRecent } from './recent.ts';
import type { Changed } from './replica.ts';
import { ReplicaDamaged } from './replica-database.ts';
import type { ReplicaReader } from './replica-reader.ts';
import type { FeedPayloads } from './replica-row.ts';

/** Most parsed entries that a worker keeps of one kind. Beyond it what was not used lately is read again (some 10 µs). */
const ENTRIES = 10_000;
/** Most ids of one kind of which a worker remembers that they are not there, and the longest that it remembers. */
const MISSES = 10_000;
const MAX_MISSED_ID = 64;

/** That a consumer secret was used. */
export interface SecretUse {
  readonly secretId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly address: string;
}

/** The registry of clients over a worker's replica, with what else the worker looks up there. */
export interface GatewayRegistry extends ClientRegistry {
  findServerGroup(id: string): FeedServerGroup | undefined;
  /** The keys that tag opaque tokens, sealed; undefined until the manager made them. */
  findTokenKeys(): FeedTokenKeys | undefined;
  /** The key that checks the manager's tickets; undefined until the manager made it. */
  findTryKey(): FeedTryKey | undefined;
  /** The directories of resource owners. */
  listDirectories(): readonly FeedDirectory[];
  /** The signing keys, private ones sealed; undefined until the manager made them. */
  findSigningKeys(): FeedSigningKeys | undefined;
  /** The token stores; none until the manager told of them. */
  listTokenStores(): readonly FeedTokenStore[];
  /** Forgets what changed, and raises `changes`. */
  invalidate(changed: Changed): void;
  /** Reads from another replica from now on (the old file was damaged). */
  use(reader: ReplicaReader): void;
  /** Parsed entries held now; ids that are not there are not counted. */
  readonly size: number;
}

/**
 * Makes the registry. Every look-up gives the present state: entries are parsed once and kept until the primary says that they changed.
 * A damaged row is reported through `onDamage` and refuses this exchange with `not_ready`; a client is never called unknown because of it.
 */
export function createGatewayRegistry(deps: {
  readonly reader: ReplicaReader;
  readonly onSecretUsed: (use: SecretUse) => void;
  readonly onDamage: (problem: string) => void;
}): GatewayRegistry {
  let { reader } = deps;
  let changes = 0;
  let tokenKeys: FeedTokenKeys | undefined;
  let signingKeys: FeedSigningKeys | undefined;
  /** Consumer keys by subscription id. */
  const keys = createRecent<ConsumerKeyEntry>(ENTRIES);
  /** Ids of subscriptions by client and product. */
  const subscribed = createRecent<readonly string[]>(ENTRIES);
  const caches: { [Kind in FeedKind]: ReturnType<typeof createRecent<FeedPayloads[Kind]>> } = {
    'server-group': createRecent(ENTRIES),
    deployment: createRecent(1), // never looked up: compiled whole
    product: createRecent(ENTRIES),
    client: createRecent(ENTRIES),
    subscription: createRecent(ENTRIES),
    'consumer-key': createRecent(ENTRIES),
    'token-keys': createRecent(2),
    'try-key': createRecent(1),
    subject: createRecent(ENTRIES),
    directory: createRecent(100),
    'signing-keys': createRecent(1),
    'token-store': createRecent(100),
    'group-variables': createRecent(1), // never looked up: compiled into the deployments
  };

  /** Ids that are not there, apart from the entries: callers can make up any number of keys, and must not push out those that are there. */
  const misses = new Map<FeedKind, ReturnType<typeof createRecent<true>>>();

  const read = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ReplicaDamaged)) throw error;
      deps.onDamage(error.message);
      throw new Refusal('not_ready');
    }
  };
  const find = <Kind extends FeedKind>(kind: Kind, id: string): FeedPayloads[Kind] | undefined => {
    const cache = caches[kind];
    const known = cache.get(id);
    if (known !== undefined) return known;
    // so that time tells nobody which keys there are: one that there is not is read no more often than one that there is
    const missed = misses.get(kind);
    if (missed?.get(id) === true) return undefined;
    const found = read(() => reader.find(kind, id));
    if (found !== undefined) cache.set(id, found);
    else if (id.length <= MAX_MISSED_ID) noteMissed(kind, id);
    return found;
  };
  const noteMissed = (kind: FeedKind, id: string): void => {
    const missed = misses.get(kind) ?? createRecent<true>(MISSES);
    misses.set(kind, missed);
    missed.set(id, true);
  };

  return {
    get changes() {
      return changes;
    },
    findConsumerKey: (key) => find('consumer-key', key),
    findConsumerKeyOf(subscriptionId) {
      const known = keys.get(subscriptionId);
      if (known !== undefined) return known;
      const found = read(() => reader.findConsumerKeyOf(subscriptionId));
      if (found !== undefined) keys.set(subscriptionId, found);
      return found;
    },
    findSubscription: (id) => find('subscription', id),
    findSubscriptionsTo({ clientId, productId }) {
      const place = `${clientId} ${productId}`;
      let ids = subscribed.get(place);
      if (ids === undefined) {
        const all = read(() => reader.listSubscriptionsOf(clientId));
        ids = all.filter((one) => one.productId === productId).map(({ id }) => id);
        subscribed.set(place, ids);
      }
      return ids.flatMap((id) => find('subscription', id) ?? []);
    },
    findClient: (id) => find('client', id),
    findProduct: (id) => find('product', id),
    findSubject: (subject) => find('subject', subject),
    listDirectories: () => read(() => reader.list('directory')),
    listTokenStores: () => read(() => reader.list('token-store')),
    findSigningKeys() {
      signingKeys ??= read(() => reader.list('signing-keys'))[0];
      return signingKeys;
    },
    findServerGroup: (id) => find('server-group', id),
    findTokenKeys() {
      tokenKeys ??= read(() => reader.list('token-keys'))[0];
      return tokenKeys;
    },
    findTryKey: () => read(() => reader.list('try-key'))[0],
    markSecretUsed: (use) => deps.onSecretUsed(use),
    invalidate(changed) {
      if (changed === 'everything' || changed.some(({ kind }) => kind === 'token-keys')) tokenKeys = undefined;
      if (changed === 'everything' || changed.some(({ kind }) => kind === 'signing-keys')) signingKeys = undefined;
      if (changed === 'everything') for (const cache of Object.values(caches)) cache.clear();
      else for (const { kind, id } of changed) caches[kind].delete(id);
      if (changed === 'everything') misses.clear();
      else for (const { kind, id } of changed) misses.get(kind)?.delete(id);
      if (changed === 'everything' || changed.some(({ kind }) => kind === 'consumer-key')) keys.clear();
      if (changed === 'everything' || changed.some(({ kind }) => kind === 'subscription')) subscribed.clear();
      changes += 1;
    },
    use(other) {
      reader = other;
      this.invalidate('everything');
    },
    get size() {
      return Object.values(caches).reduce((sum, cache) => sum + cache.size, keys.size + subscribed.size);
    },
  };
}
