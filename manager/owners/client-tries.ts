import type { Clock } from '#core/clock';

const WINDOW_MS = 60_000;
/** Wrong passwords through one client within a minute, from wherever: more than people of one client mistype, less than guessing needs. */
const WRONG_PER_WINDOW = 300;
const CLIENTS_KEPT = 10_000;

/** Slows guessing through one client from many addresses (decision 35). */
export interface ClientTries {
  /** Milliseconds to wait; undefined: go on. */
  waitMs(clientId: string): number | undefined;
  noteWrong(clientId: string): void;
}

/** In memory, bounded: the oldest client is forgotten first. */
export function createClientTries(clock: Clock): ClientTries {
  const windows = new Map<string, { readonly since: number; wrong: number }>();
  const current = (clientId: string) => {
    const window = windows.get(clientId);
    return window === undefined || clock.monotonic() - window.since >= WINDOW_MS ? undefined : window;
  };
  return {
    waitMs(clientId) {
      const window = current(clientId);
      if (window === undefined || window.wrong < WRONG_PER_WINDOW) return undefined;
      return window.since + WINDOW_MS - clock.monotonic();
    },
    noteWrong(clientId) {
      const window = current(clientId);
      if (window !== undefined) {
        window.wrong += 1;
        return;
      }
      windows.delete(clientId);
      windows.set(clientId, { since: clock.monotonic(), wrong: 1 });
      const [oldest] = windows.keys();
      if (windows.size > CLIENTS_KEPT && oldest !== undefined) windows.delete(oldest);
    },
  };
}
