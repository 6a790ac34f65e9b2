import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { eventually } from './system.ts';

/** How an act that revokes reached the gateways. */
export interface Spread {
  /** How long after the act began a call still passed, in ms; 0: none did. */
  readonly lastPassedMs: number;
  /** Statuses of the calls that began after the last that passed. */
  readonly refused: ReadonlySet<number>;
  /** Calls made since the act began. */
  readonly calls: number;
}

const CALLERS = 12;
/** Nothing passed for so long: it has reached everybody. */
const QUIET_MS = 500;

/**
 * Calls without pause on new connections, so that every worker is met, while `act` is done, and looks how long calls go on passing.
 * Ends when none passed for half a second, or after `limitMs`.
 */
export async function measureSpread(
  { url, token, limitMs = 5_000 }: { readonly url: string; readonly token: string; readonly limitMs?: number },
  act: () => Promise<unknown>,
): Promise<Spread> {
  const agent = new Agent({ connections: CALLERS, pipelining: 0 });
  const refused = new Map<number, number>();
  let began = Number.POSITIVE_INFINITY;
  let lastPassed = 0;
  let calls = 0;
  let isOver = false;
  const caller = async () => {
    while (!isOver) {
      const at = performance.now();
      const headers = { authorization: `Bearer ${token}`, connection: 'close' };
      const answer = await request(url, { headers, dispatcher: agent });
      await answer.body.dump();
      if (at >= began) calls += 1;
      if (answer.statusCode < 300) lastPassed = Math.max(lastPassed, at);
      else refused.set(answer.statusCode, Math.max(at, refused.get(answer.statusCode) ?? 0));
    }
  };
  const callers = Promise.all(Array.from({ length: CALLERS }, caller));
  try {
    await eventually('every call passes', async () => {
      refused.clear();
      await sleep(100);
      return (refused.size === 0 && lastPassed > 0) || undefined;
    });
    began = performance.now();
    await act();
    const quietFrom = () => Math.max(lastPassed, began);
    while (performance.now() - quietFrom() < QUIET_MS && performance.now() - began < limitMs) await sleep(25);
  } finally {
    isOver = true;
    await callers;
    await agent.close();
  }
  return {
    lastPassedMs: Math.max(0, Math.round(lastPassed - began)),
    refused: new Set([...refused].filter(([, at]) => at > lastPassed).map(([status]) => status)),
    calls,
  };
}
