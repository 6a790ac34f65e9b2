import { UnavailableError } from '#core/errors';
import type { TokenStore } from '#core/token-store';

/** For so long after it was the default a store is asked for what only the default keeps: sign-ins, pushed requests, what is taken once. */
const REMEMBERED_MS = 24 * 3_600_000;

/** One of several token stores. */
export interface Member {
  readonly name: string;
  readonly store: TokenStore;
  readonly isDefault: boolean;
  /** Epoch ms until which it was the default; left out: it is, or never was. */
  readonly defaultUntil?: number | undefined;
}

/** The stores, each in the order in which it is asked. */
export interface Members {
  readonly all: readonly TokenStore[];
  readonly named: ReadonlyMap<string, TokenStore>;
  /** The store that is preferred under this name first, then the default, then the others. Empty name: the default. */
  inOrder(name: string): readonly TokenStore[];
  /** Where what is new goes. @throws UnavailableError when there is none of that name */
  preferred(name: string): TokenStore;
  /** The default, then those that were it within the last day, latest first. */
  defaults(now: number): readonly TokenStore[];
}

/** Puts stores in order, once for each change of them. */
export function orderMembers(members: readonly Member[]): Members {
  const byDefault = [...members].sort(
    (a, b) => Number(b.isDefault) - Number(a.isDefault) || (b.defaultUntil ?? 0) - (a.defaultUntil ?? 0),
  );
  const all = byDefault.map(({ store }) => store);
  const orders = new Map(
    members.map(({ name, store }) => [name, [store, ...all.filter((other) => other !== store)]] as const),
  );
  const [first] = byDefault;
  return {
    all,
    named: new Map(members.map(({ name, store }) => [name, store])),
    inOrder: (name) => (name === '' ? all : (orders.get(name) ?? all)),
    preferred(name) {
      const store = name === '' ? (first?.isDefault ? first.store : undefined) : orders.get(name)?.[0];
      if (store !== undefined) return store;
      throw new UnavailableError(
        name === '' ? 'There is no default token store here yet.' : `There is no token store "${name}" here.`,
      );
    },
    defaults: (now) =>
      byDefault
        .filter(({ isDefault, defaultUntil = 0 }) => isDefault || defaultUntil > now - REMEMBERED_MS)
        .map(({ store }) => store),
  };
}
