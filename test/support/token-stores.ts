import { HandClock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { TokenStore } from '#core/token-store';
import type { TokenStoreDesk, TokenStores } from '#core/token-stores';
import { createSeveralTokenStores } from '#stores/several/token-stores';

/** Stores as one, the first the default. */
export function asOne(...stores: readonly TokenStore[]): TokenStores {
  const several = createSeveralTokenStores(new HandClock());
  several.use(stores.map((store, i) => ({ name: `store-${i + 1}`, store, isDefault: i === 0 })));
  return several;
}

/** A desk with stores that a test opened: whatever is wanted, these stay. They are closed by the test. */
export function deskOf(...stores: readonly TokenStore[]): TokenStoreDesk {
  const state = { isAnswering: true, problem: undefined };
  const opened = stores.map((store, i) => ({ name: `store-${i + 1}`, kind: store.kind, store, ...state }));
  return Object.assign(asOne(...stores), {
    configured: { kind: stores[0]?.kind ?? 'memory', place: '' },
    use: async () => {},
    opened: () => opened,
    movePage: async () => {
      throw new UnavailableError('Nothing is moved here.');
    },
    test: async () => ({ isReached: true, ms: 0, warnings: [] }),
    [Symbol.asyncDispose]: async () => {},
  });
}
