import type { TokenStore } from '#core/token-store';

/** Passes on what stores that come and go hint at ({@link TokenStore.listen}), to whoever listens. */
export interface Hints extends AsyncDisposable {
  listen(told: () => void): AsyncDisposable;
  /** The stores from now on. They are listened to while anybody listens here. */
  follow(stores: Iterable<TokenStore>): void;
}

/** Makes it, with no store yet. */
export function createHints(): Hints {
  const listeners = new Set<() => void>();
  const listening = new Map<TokenStore, AsyncDisposable>();
  let sources: ReadonlySet<TokenStore> = new Set();
  const tell = () => {
    for (const told of listeners) told();
  };

  function adjust(): Promise<unknown> {
    const wanted = listeners.size > 0 ? sources : new Set<TokenStore>();
    for (const store of wanted) {
      const heard = listening.has(store) ? undefined : store.listen?.(tell);
      if (heard !== undefined) listening.set(store, heard);
    }
    const gone = [...listening].filter(([store]) => !wanted.has(store));
    for (const [store] of gone) listening.delete(store);
    return Promise.allSettled(gone.map(([, heard]) => heard[Symbol.asyncDispose]()));
  }

  return {
    listen(told) {
      const own = () => told(); // the same function may listen twice
      listeners.add(own);
      void adjust();
      return {
        async [Symbol.asyncDispose]() {
          listeners.delete(own);
          await adjust();
        },
      };
    },
    follow(stores) {
      sources = new Set(stores);
      void adjust();
    },
    async [Symbol.asyncDispose]() {
      sources = new Set();
      await adjust();
    },
  };
}
