import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#core/clock';

const ASK_EVERY_MS = 50;

/**
 * Resolves when the manager has heard that a gateway of this name is ready: then a deployment made now is seen on it. After `limitMs` it
 * resolves all the same, since a gateway serves without being known.
 */
export async function waitUntilJoined(options: {
  readonly socketPath: string;
  readonly gateway: string;
  readonly limitMs: number;
  readonly clock: Clock;
}): Promise<void> {
  const { socketPath, gateway, limitMs, clock } = options;
  const deadline = clock.monotonic() + limitMs;
  while (clock.monotonic() < deadline) {
    const known = await listGateways(socketPath);
    if (known.some(({ name, state }) => name === gateway && state === 'ready')) return;
    await sleep(ASK_EVERY_MS);
  }
}

/** The gateways that the manager knows; none when it does not answer. */
function listGateways(socketPath: string): Promise<readonly { readonly name?: unknown; readonly state?: unknown }[]> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/api/v1/gateways', timeout: 1000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve(answer.statusCode === 200 ? parseItems(text) : []));
      answer.on('error', () => resolve([]));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve([]));
  });
}

function parseItems(text: string): readonly { readonly name?: unknown; readonly state?: unknown }[] {
  const page: unknown = JSON.parse(text);
  return typeof page === 'object' && page !== null && 'items' in page && Array.isArray(page.items) ? page.items : [];
}
