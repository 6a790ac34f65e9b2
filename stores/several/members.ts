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
  /** Name of the store to which it is, or was moved. */
  readonly movesTo?: string | undefined;
  /** True when that is done. */
  readonly isMoved?: boolean | undefined;
}

/** A store that is, or was moved, and where to. */
export interface Move {
  readonly from: TokenStore;
  readonly to: TokenStore;
  readonly isDone: boolean;
}

/** The stores, each in the order in which it is asked. */
export interface Members {
  /** Those that are, or were moved stand last: what another one has of theirs is newer. */
  readonly all: readonly TokenStore[];
  readonly named: ReadonlyMap<string, TokenStore>;
  /** Also those that are done. */
  readonly moves: readonly Move[];
  /** Those that are under way: some rows are in both stores by now. */
  readonly underWay: readonly Move[];
  /** The store that is preferred under this name first, then the default, then the others. Empty name: the default. */
  inOrder(name: string): readonly TokenStore[];
  /** Where what is new goes. @throws UnavailableError when there is none of that name */
  preferred(name: string): TokenStore;
  /** The default, then those that were it within the last day, latest first. */
  defaults(now: number): readonly TokenStore[];
}

/** Puts stores in order, once for each change of them. */
export function orderMembers(members: readonly Member[]): Members {
  const byName = new Map(members.map((member) => [member.name, member]));
  const byDefault = [...members].sort(
    (a, b) =>
      Number(b.isDefault) - Number(a.isDefault) ||
      Number(a.movesTo !== undefined) - Number(b.movesTo !== undefined) ||
      (b.defaultUntil ?? 0) - (a.defaultUntil ?? 0),
  );
  const all = byDefault.map(({ store }) => store);
  const orders = new Map(
    members.map((member) => {
      const first = endOfMoves(member, byName).store;
      return [member.name, [first, ...all.filter((other) => other !== first)]] as const;
    }),
  );
  const moves = members.flatMap((member) => {
    const to = endOfMoves(member, byName);
    return to === member ? [] : [{ from: member.store, to: to.store, isDone: member.isMoved === true }];
  });
  const [first] = byDefault;
  return {
    all,
    named: new Map(members.map(({ name, store }) => [name, store])),
    moves,
    underWay: moves.filter(({ isDone }) => !isDone),
    inOrder: (name) => (name === '' ? all : (orders.get(name) ?? all)),
    preferred(name) {
      const store = name === '' ? (first?.isDefault ? orders.get(first.name)?.[0] : undefined) : orders.get(name)?.[0];
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

/** Where a store was moved to in the end, as far as those are there. */
function endOfMoves(member: Member, byName: ReadonlyMap<string, Member>): Member {
  const seen = new Set<Member>();
  let end = member;
  while (end.movesTo !== undefined && !seen.has(end)) {
    seen.add(end);
    const next = byName.get(end.movesTo);
    if (next === undefined) break;
    end = next;
  }
  return end;
}
