// One token's revocation: by whom it is asked for, and when the last worker refuses the token.

import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '#test/support/system';
import type { WorkerConnections } from '#test/support/worker-connections';

/** A token that still passes after so long is given up: its revocation is lost. */
const LOST_MS = 30_000;
/** From one question to the next: what the lag is told to. */
export const STEP_MS = 5;

/** One client with a lane of its own: its revocations follow each other. */
export interface Lane {
  readonly client: string;
  readonly key: string;
  readonly secret: string;
}

/** Makes a client with keys for the product that is there. */
export async function newLane(system: System, name: string): Promise<Lane> {
  const client = await system.must<{ name: string }>('POST', '/clients', { displayName: name });
  const subscription = await system.must<{ name: string }>('POST', '/subscriptions', {
    ...{ client: client.name, product: 'shop' },
  });
  type Keys = { consumerKey: string; consumerSecret: string };
  const keys = await system.must<Keys>('POST', `/subscriptions/${subscription.name}/keys`, {});
  return { client: client.name, key: keys.consumerKey, secret: keys.consumerSecret };
}

/**
 * Asks every worker until it says that the token is no longer valid. Gives when the last of them let it pass for the last time: a 503 of a worker
 * that cannot ask the store is a refusal, too. undefined: one never refused.
 */
export async function untilRefused(workers: readonly { connection: WorkerConnections; url: string }[], token: string) {
  const givenUpAt = performance.now() + LOST_MS;
  const all = await Promise.all(
    workers.map(async ({ connection, url }) => {
      for (let since = Number.POSITIVE_INFINITY; ; ) {
        const { status } = await connection.get(url, { authorization: `Bearer ${token}` });
        const now = performance.now();
        since = status === 200 ? Number.POSITIVE_INFINITY : Math.min(since, now);
        if (status === 401) return since;
        if (now > givenUpAt) return Number.POSITIVE_INFINITY;
        await sleep(STEP_MS);
      }
    }),
  );
  const last = Math.max(...all);
  return Number.isFinite(last) ? last : undefined;
}

/** Gives when it was asked for. */
export async function revokeByApi(system: System, { client }: Lane): Promise<number> {
  const began = performance.now();
  await system.must('POST', `/clients/${client}/revoke-tokens`, { reason: 'lost' });
  return began;
}

/**
 * Gives when it was asked for with success.
 * @param isCut the store may be away, which is answered with 503: nothing is acknowledged then, and it is tried again
 */
export async function revokeAtGateway(tokenUrl: string, token: string, { key, secret }: Lane, isCut: boolean) {
  const body = new URLSearchParams({ token, client_id: key, client_secret: secret });
  for (;;) {
    const began = performance.now();
    const answer = await fetch(`${tokenUrl}/revoke`, { method: 'POST', body });
    const text = await answer.text();
    if (answer.status === 200) return began;
    if (!isCut || answer.status !== 503) throw new Error(`revoke: ${answer.status} ${text}`);
    await sleep(STEP_MS);
  }
}
