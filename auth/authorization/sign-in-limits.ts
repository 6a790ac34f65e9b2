import { hash } from 'node:crypto';
import { placeOfAddress } from '#core/address-place';
import type { Clock } from '#core/clock';
import type { CounterAnswer, CounterStore, ReturnableTake } from '#core/counter-store';
import { Refusal, UnavailableError } from '#core/errors';
import { createWindowCounter } from '../window-counter.ts';

const WINDOW_MS = 900_000;
const MAX_KEYS = 20_000;
/** An address, and a client at one, may be behind many people. */
const SHARED_FACTOR = 10;

/** Who tries to sign in, and from where. */
export interface SignInTry {
  readonly directory: string;
  readonly username: string;
  readonly clientId: string;
  readonly address: string;
}

/** A try under way. It counts as failed until it is told otherwise, so that many at once count too. */
export interface SignInAttempt {
  /** It did not fail, or was not judged: not counted. */
  undo(): void;
}

/** Counts failed sign-ins per name, per client and per address, each together with the address: nobody locks an account for its owner (decision 35). */
export interface SignInLimits {
  /** @throws Refusal `sign_in_limited` when too many failed */
  begin(tried: SignInTry): Promise<SignInAttempt>;
}

/** What the limits of one end point are counted with. */
export interface SignInLimitsOptions {
  /** Failed ones within a quarter of an hour, for a name. */
  readonly limit: number;
  /** The end point, as it is deployed. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly counters: CounterStore;
}

/**
 * The limits of one end point, over all workers, and with counters on Redis over all gateways. While the counters are away, or have no room, this
 * process counts for itself. What callers sent goes to the counters as a digest only.
 */
export function createSignInLimits({ limit, endpoint, clock, counters }: SignInLimitsOptions): SignInLimits {
  const own = createWindowCounter({ windowMs: WINDOW_MS, maxKeys: MAX_KEYS, clock });

  const placesOf = ({ directory, username, clientId, address }: SignInTry) => {
    const place = placeOfAddress(address);
    return [
      { per: 'name', key: `n ${directory} ${username.toLowerCase().slice(0, 256)} ${place}`, allow: limit },
      { per: 'client', key: `c ${clientId} ${place}`, allow: limit * SHARED_FACTOR },
      { per: 'address', key: `a ${place}`, allow: limit * SHARED_FACTOR },
    ] as const;
  };
  const takeOf = ({ per, key, allow }: { per: string; key: string; allow: number }): ReturnableTake => ({
    counter: `${endpoint}/sign-in/${per}`,
    identifier: hash('sha256', key).slice(0, 32),
    rule: { kind: 'rolling', allow, intervalMs: WINDOW_MS },
    weight: 1,
    whenFull: 'fail',
  });
  /** What the counters say; what this process knows while they say nothing. */
  const count = async (key: string, take: ReturnableTake): Promise<Counted> => {
    const { count, endsInMs } = own.read(key);
    own.add(key);
    const asked = await ask(counters, take);
    const isAllowed = asked?.isAllowed ?? count < take.rule.allow;
    return {
      isAllowed,
      retryAfterMs: Math.ceil(asked?.retryAfterMs ?? endsInMs),
      undo() {
        own.remove(key);
        if (asked?.isAllowed === true) counters.giveBack(take);
      },
    };
  };

  return {
    async begin(tried) {
      const counted = await Promise.all(
        placesOf(tried).map(async (place) => ({ per: place.per, ...(await count(place.key, takeOf(place))) })),
      );
      const undo = () => {
        for (const one of counted) one.undo();
      };
      const refused = counted.find(({ isAllowed }) => !isAllowed);
      if (refused === undefined) return { undo };
      undo();
      const { per, retryAfterMs } = refused;
      throw new Refusal('sign_in_limited', { per, address: tried.address, retryAfterMs });
    },
  };
}

interface Counted {
  readonly isAllowed: boolean;
  readonly retryAfterMs: number;
  undo(): void;
}

/** undefined: nobody counts at present. */
async function ask(counters: CounterStore, take: ReturnableTake): Promise<CounterAnswer | undefined> {
  try {
    return await counters.take(take);
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
