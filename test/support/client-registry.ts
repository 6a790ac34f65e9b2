import type { ConsumerKeyEntry, FeedClient, FeedProduct, FeedSubject, FeedSubscription } from '#core/change-feed';
import type { ClientRegistry } from '#core/client-registry';
import { newConsumerKey, newConsumerSecret, sha256Hex } from '#core/credential';
import { systemRandom } from '#core/random';

/** What a registered client of a test is like; everything has a default. */
export interface Registration {
  readonly client?: Partial<FeedClient>;
  readonly subscription?: Partial<FeedSubscription>;
  readonly product?: Partial<FeedProduct>;
}

/** A client with its consumer key and secret, in clear for the test. */
export interface Registered {
  readonly consumerKey: string;
  readonly secret: string;
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly secretId: string;
}

/** A registry in memory, whose rows a test changes as the feed would. */
export interface TestRegistry extends ClientRegistry {
  register(registration?: Registration): Registered;
  changeClient(id: string, change: Partial<FeedClient>): void;
  changeSubscription(id: string, change: Partial<FeedSubscription>): void;
  changeProduct(id: string, change: Partial<FeedProduct>): void;
  changeSecret(consumerKey: string, change: Partial<ConsumerKeyEntry['secrets'][number]>, index?: number): void;
  addSecret(consumerKey: string, change?: Partial<ConsumerKeyEntry['secrets'][number]>): string;
  /** Writes the standing of a resource owner, as its first change does. */
  changeSubject(subject: string, change: Partial<FeedSubject>): void;
  removeClient(id: string): void;
  readonly secretsUsed: readonly { readonly secretId: string; readonly at: number; readonly address: string }[];
}

const CHANGED = { changedBy: 'priya', changedAt: 1_699_999_000_000 };

/** An empty registry; its projects are called `prj_A`. */
export function createTestRegistry(): TestRegistry {
  const clients = new Map<string, FeedClient>();
  const subscriptions = new Map<string, FeedSubscription>();
  const products = new Map<string, FeedProduct>();
  const keys = new Map<string, ConsumerKeyEntry>();
  const subjects = new Map<string, FeedSubject>();
  const secretsUsed: { secretId: string; at: number; address: string }[] = [];
  let changes = 1;
  let registered = 0;

  function change<T extends object>(rows: Map<string, T>, id: string, changed: Partial<T>): void {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`there is no ${id}`);
    rows.set(id, { ...row, ...changed });
    changes += 1;
  }

  function newSecret(n: number, changed: Partial<ConsumerKeyEntry['secrets'][number]> = {}) {
    const secret = newConsumerSecret(systemRandom);
    const row = { id: `sec_${n}`, hash: sha256Hex(secret), name: `secret-${n}`, generation: 1, active: true };
    return { secret, row: { ...row, ...CHANGED, ...changed } };
  }

  return {
    get changes() {
      return changes;
    },
    secretsUsed,
    findClient: (id) => clients.get(id),
    findSubscription: (id) => subscriptions.get(id),
    findSubscriptionsTo: (wanted) =>
      [...subscriptions.values()].filter(
        ({ clientId, productId }) => clientId === wanted.clientId && productId === wanted.productId,
      ),
    findSubject: (subject) => subjects.get(subject),
    findProduct: (id) => products.get(id),
    findConsumerKey: (consumerKey) => keys.get(consumerKey),
    findConsumerKeyOf: (subscriptionId) => [...keys.values()].find((key) => key.subscriptionId === subscriptionId),
    markSecretUsed: (use) => void secretsUsed.push(use),

    register(registration = {}) {
      registered += 1;
      const n = registered;
      const [clientId, subscriptionId, productId] = [`cli_${n}`, `sub_${n}`, `prd_${n}`];
      clients.set(clientId, {
        id: clientId,
        name: `mobile-shop-${n}`,
        displayName: `Mobile shop ${n}`,
        kind: 'server',
        authMethod: 'client_secret',
        active: true,
        generation: 1,
        ...CHANGED,
        ...registration.client,
      });
      subscriptions.set(subscriptionId, {
        id: subscriptionId,
        name: `mobile-shop-${n}-shop`,
        clientId,
        productId,
        state: 'active',
        scopes: [
          { scope: 'orders:read', default: false },
          { scope: 'orders:write', default: false },
        ],
        generation: 1,
        ...CHANGED,
        ...registration.subscription,
      });
      products.set(productId, {
        id: productId,
        name: `shop-${n}`,
        displayName: `Shop ${n}`,
        projectIds: ['prj_A'],
        scopes: [],
        ...registration.product,
      });
      const consumerKey = newConsumerKey(systemRandom);
      const { secret, row } = newSecret(n);
      keys.set(consumerKey, { consumerKey, subscriptionId, clientId, secrets: [row] });
      changes += 1;
      return { consumerKey, secret, clientId, subscriptionId, secretId: row.id };
    },

    changeClient: (id, changed) => change(clients, id, changed),
    changeSubscription: (id, changed) => change(subscriptions, id, changed),
    changeProduct: (id, changed) => change(products, id, changed),
    changeSecret(consumerKey, changed, index = 0) {
      const secrets = keys.get(consumerKey)?.secrets ?? [];
      change(keys, consumerKey, { secrets: secrets.map((one, i) => (i === index ? { ...one, ...changed } : one)) });
    },
    addSecret(consumerKey, changed) {
      const secrets = keys.get(consumerKey)?.secrets ?? [];
      const { secret, row } = newSecret(1000 * secrets.length + registered, changed);
      change(keys, consumerKey, { secrets: [...secrets, row] });
      return secret;
    },
    changeSubject(subject, changed) {
      subjects.set(subject, {
        id: subject,
        active: true,
        generation: 0,
        ...CHANGED,
        ...subjects.get(subject),
        ...changed,
      });
      changes += 1;
    },
    removeClient(id) {
      clients.delete(id);
      changes += 1;
    },
  };
}
