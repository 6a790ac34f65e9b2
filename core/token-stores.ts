import type { TokenStore } from './token-store.ts';

/**
 * The token stores of a process as one. Look-ups ask them in turn until one knows the answer; revocations and standings reach all of them; what is
 * new goes to the default, or to the one that a policy names. What was issued stays usable when a policy names another store later.
 */
export interface TokenStores extends TokenStore {
  /** The same, with what is new going to the store of that name; empty: to the default. While there is none of that name nothing is saved. */
  preferring(name: string): TokenStore;
}
