import { systemClock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { NOW, RETENTION_MS, sampleRotation } from './sample-token.ts';

// Asks for things that only one may get, together with other processes: the test sends the round and gets what this process got.

const [file = '', name = ''] = process.argv.slice(2);
const store = await openTokenStore(file.includes('://') ? file : `sqlite:${file}`, {
  clock: systemClock,
  logger: noLogger,
  retentionMs: RETENTION_MS,
  sweepIntervalMs: 0,
});

async function race(round: number) {
  const [consumed, rotated, isFirst, taken] = await Promise.all([
    store.consumeCode(sha256Hex(`code ${round}`), { id: name, now: NOW + 1 }),
    store.rotateRefresh(sampleRotation(`refresh ${round}`, `${name} ${round}`, `gra_R${round}`)),
    store.rememberOnce('assertion', `jti ${round}`, NOW + 60_000),
    store.takeTransient('par', `par ${round}`, NOW),
  ]);
  return { code: consumed.state, refresh: rotated.state, isFirst, isTaken: taken !== undefined };
}

process.on('message', async (message: number | 'close') => {
  if (message === 'close') {
    await store[Symbol.asyncDispose]();
    process.disconnect?.();
    return;
  }
  process.send?.(await race(message));
});
process.send?.('ready');
