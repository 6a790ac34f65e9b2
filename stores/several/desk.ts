import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import { CONFIGURED_STORE, type TokenStorePlace } from '#core/model/token-store';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import type { OpenedStore, TokenStoreDesk, WantedStore } from '#core/token-stores';
import { createGuardedTokenStore, type GuardedTokenStore } from '../guarded/token-store.ts';
import { testStore } from './test-store.ts';
import { createSeveralTokenStores } from './token-stores.ts';

/** Engines in the process or on its disk. */
const LOCAL_KINDS = ['memory', 'sqlite'];

/** What the desk works with. */
export interface DeskDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly configured: { readonly kind: string; readonly place: string };
  /** Opens a store, with its sweep; `place` undefined: the one of the configuration. @throws ConfigurationError, UnavailableError */
  open(name: string, place: TokenStorePlace | undefined): Promise<TokenStore>;
}

interface Kept {
  readonly text: string;
  readonly opening: Promise<GuardedTokenStore>;
}

/**
 * Opens the store of the configuration and gives the desk with it as the only one. A store that is away is tried again in the background.
 * @throws ConfigurationError when the store of the configuration cannot be right
 */
export async function openTokenStoreDesk(deps: DeskDependencies): Promise<TokenStoreDesk> {
  const { clock, configured } = deps;
  const stores = createSeveralTokenStores(clock);
  const { use: order } = stores;
  const kept = new Map<string, Kept>();
  let opened: readonly OpenedStore[] = [];
  let using: Promise<void> = Promise.resolve();

  const openGuarded = (name: string, place: TokenStorePlace | undefined) => {
    const kind = place?.kind ?? configured.kind;
    return createGuardedTokenStore({
      ...{ name, kind, isRemote: !LOCAL_KINDS.includes(kind), isDemanded: place === undefined },
      ...{ clock, metrics: deps.metrics, logger: deps.logger },
      open: () => deps.open(name, place),
    });
  };

  async function use(wanted: readonly WantedStore[]): Promise<void> {
    for (const { name, place } of wanted) {
      const text = JSON.stringify(place ?? null);
      const known = kept.get(name);
      if (known?.text === text) continue;
      kept.set(name, { text, opening: openGuarded(name, place) });
      if (known !== undefined) closeLater(known);
    }
    const present = await Promise.all(
      wanted.map(async (one) => ({ ...one, store: await (kept.get(one.name) as Kept).opening })),
    );
    order(present);
    opened = present.map(({ name, store }) => ({
      ...{ name, kind: store.kind, store },
      get isAnswering() {
        return store.isAnswering;
      },
      get problem() {
        return store.problem;
      },
    }));
    for (const [name, gone] of kept) {
      if (wanted.some((one) => one.name === name)) continue;
      kept.delete(name);
      closeLater(gone);
    }
  }

  /** After what is under way has been answered. */
  function closeLater({ opening }: Kept): void {
    setTimeout(() => void opening.then((store) => store[Symbol.asyncDispose]()).catch(() => {}), CLOSE_MS).unref();
  }

  await use([{ name: CONFIGURED_STORE, place: undefined, isDefault: true }]);
  return Object.assign(stores, {
    configured,
    use(wanted: readonly WantedStore[]) {
      using = using.then(() => use(wanted));
      return using;
    },
    opened: () => opened,
    test: (place: TokenStorePlace) => testStore(() => deps.open('test', place), deps),
    async [Symbol.asyncDispose]() {
      await using.catch(() => {});
      for (const { opening } of kept.values()) await (await opening)[Symbol.asyncDispose]();
    },
  });
}

/** How long a store that is no longer wanted stays open. */
const CLOSE_MS = 10_000;
