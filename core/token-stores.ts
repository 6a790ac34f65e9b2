import type { TokenStorePlace, TokenStoreTest } from './model/token-store.ts';
import type { CopiedKind, TokenStore } from './token-store.ts';

/**
 * The token stores of a process as one. Look-ups ask them in turn until one knows the answer; revocations and standings reach all of them; what is
 * new goes to the default, or to the one that a policy names. What was issued stays usable when a policy names another store later.
 */
export interface TokenStores extends TokenStore {
  /** The same, with what is new going to the store of that name; empty: to the default. While there is none of that name nothing is saved. */
  preferring(name: string): TokenStore;
}

/** A token store that is to be open. */
export interface WantedStore {
  readonly name: string;
  /** undefined: the one of this process's configuration. */
  readonly place: TokenStorePlace | undefined;
  readonly isDefault: boolean;
  /** Epoch ms until which it was the default; left out: it is, or never was. */
  readonly defaultUntil?: number | undefined;
  /** Name of the store to which it is, or was moved: what is new goes there, and it is asked first. */
  readonly movesTo?: string | undefined;
  /** True when that is done. */
  readonly isMoved?: boolean | undefined;
}

/** `copying`: everything once. `settling`: codes and refresh tokens until none is left. `closing`: what came of those meanwhile. */
export const MOVE_PHASES = ['copying', 'settling', 'closing', 'done'] as const;
export type MovePhase = (typeof MOVE_PHASES)[number];

/** How far a move from store to store is. Kept between the pages; a page may be moved again. */
export interface MovePlace {
  readonly phase: MovePhase;
  readonly kind: CopiedKind;
  /** Where in the rows of that kind; undefined: at their beginning. */
  readonly after: string | undefined;
  /** When the phase began. */
  readonly since: number;
  /** What the phase found so far that may leave more behind. */
  readonly found: number;
  /** Rows that were moved. */
  readonly moved: number;
}

/** A token store that is open, or being opened. */
export interface OpenedStore {
  readonly name: string;
  readonly kind: string;
  readonly store: TokenStore;
  readonly isAnswering: boolean;
  /** What went wrong last; undefined while it answers. */
  readonly problem: string | undefined;
}

/** The token stores of a process, opened and closed as the manager says. */
export interface TokenStoreDesk extends TokenStores {
  /** Kind and place of the store of the configuration, without credentials. */
  readonly configured: { readonly kind: string; readonly place: string };
  /** Opens and closes until these are there. One that stays as it is stays open. */
  use(wanted: readonly WantedStore[]): Promise<void>;
  opened(): readonly OpenedStore[];
  /**
   * Opens a store for a moment, writes, reads and takes away a record; `place` undefined: the one of the configuration. Never throws.
   * @param name of a store that is saved: where it is may depend on it
   */
  test(place: TokenStorePlace | undefined, name?: string): Promise<TokenStoreTest>;
  /**
   * Moves one page of rows from one store to another, and gives the place of the next.
   * @param place undefined: the beginning
   * @throws UnavailableError one of them is away; the page is to be moved again
   */
  movePage(from: string, to: string, place: MovePlace | undefined): Promise<MovePlace>;
}
