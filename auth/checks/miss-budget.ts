import type { Clock } from '#core/clock';
import { Refusal } from '#core/errors';

const MAX_ADDRESSES = 10_000;
/** An address that was quiet may spend this many seconds' look-ups at once. */
const BURST_SECONDS = 10;

/**
 * How many made-up tokens an address may have looked up in the store each second. Only tokens too short to carry a tag come this far, and
 * only misses count: who sends real tokens never notices.
 */
export interface MissBudget {
  /** @throws Refusal `gateway_busy` when the address has used up its look-ups */
  check(address: string): void;
  /** Takes one, after the store said that there is no such token. */
  spend(address: string): void;
  readonly size: number;
}

/** Makes the budget; it holds at most 10 000 addresses, the oldest goes first. */
export function createMissBudget(perSecond: number, clock: Clock): MissBudget {
  const most = perSecond * BURST_SECONDS;
  const accounts = new Map<string, { left: number; at: number }>();

  function balance(address: string, now: number): number {
    const account = accounts.get(address);
    if (account === undefined) return most;
    return Math.min(most, account.left + ((now - account.at) / 1000) * perSecond);
  }

  return {
    check(address) {
      if (balance(address, clock.monotonic()) >= 1) return;
      const facts = { what: 'token-look-ups', limit: `${perSecond} a second from ${address}` };
      throw new Refusal('gateway_busy', facts);
    },
    spend(address) {
      const now = clock.monotonic();
      const left = balance(address, now) - 1;
      accounts.delete(address);
      if (accounts.size >= MAX_ADDRESSES) for (const oldest of accounts.keys()) if (accounts.delete(oldest)) break;
      accounts.set(address, { left, at: now });
    },
    get size() {
      return accounts.size;
    },
  };
}
