import { setTimeout } from 'node:timers/promises';
import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { Metrics } from '#core/metrics';
import { CONFIGURED_STORE, type TokenStorePlace } from '#core/model/token-store';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import type { MovePlace, OpenedStore, TokenStoreDesk, WantedStore } from '#core/token-stores';
import { createGuardedTokenStore, type GuardedTokenStore } from '../guarded/token-store.ts';
import { beginOfMove, movePage } from '../moving/move-page.ts';
import { testStore } from './test-store.ts';
import { createSeveralTokenStores } from './token-stores.ts';

/** Engines in the process or on its disk. */
const LOCAL_KINDS = ['memory', 'sqlite'];

/** How long a store that is no longer wanted stays open. */
const CLOSE_MS = 10_000;
/** How long the first try of new stores is waited for: one that does not answer goes on in the background. */
const WAIT_MS = 1500;

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
  readonly store: GuardedTokenStore;
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
      kept.set(name, { text, store: openGuarded(name, place) });
      if (known !== undefined) closeLater(known);
    }
    const present = wanted.flatMap((one) => {
      const found = kept.get(one.name);
      return found === undefined ? [] : [{ ...one, store: found.store }];
    });
    await Promise.race([
      Promise.all(present.map(({ store }) => store.firstTry)),
      setTimeout(WAIT_MS, undefined, { ref: false }),
    ]);
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
  function closeLater({ store }: Kept): void {
    const close = async () => {
      await setTimeout(CLOSE_MS, undefined, { ref: false });
      await store[Symbol.asyncDispose]();
    };
    close().catch((error: unknown) => deps.logger.warn({ err: error }, 'a token store could not be closed'));
  }

  const own = openGuarded(CONFIGURED_STORE, undefined);
  kept.set(CONFIGURED_STORE, { text: JSON.stringify(null), store: own });
  await own.firstTry;
  await use([{ name: CONFIGURED_STORE, place: undefined, isDefault: true }]);
  return Object.assign(stores, {
    configured,
    use(wanted: readonly WantedStore[]) {
      using = using.then(() => use(wanted));
      return using;
    },
    opened: () => opened,
    movePage(from: string, to: string, place: MovePlace | undefined) {
      const [source, target] = [kept.get(from)?.store, kept.get(to)?.store];
      if (source === undefined || target === undefined)
        throw new UnavailableError(`There is no token store "${source === undefined ? from : to}" here.`);
      return movePage({ from: source, to: target }, place ?? beginOfMove(clock.now()), clock);
    },
    test: (place: TokenStorePlace | undefined, name = 'test') => testStore(() => deps.open(name, place), deps),
    async [Symbol.asyncDispose]() {
      await using.catch(() => {});
      for (const { store } of kept.values()) await store[Symbol.asyncDispose]();
    },
  });
}
