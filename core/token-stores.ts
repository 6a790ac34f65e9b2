import type { TokenStorePlace, TokenStoreTest } from './model/token-store.ts';
import type { TokenStore } from './token-store.ts';

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
}
