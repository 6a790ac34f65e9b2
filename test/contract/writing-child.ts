import { systemClock } from '#core/clock';
import { noLogger } from '#core/logger';
import { openTokenStore } from '#stores/open';
import { RETENTION_MS, sampleToken } from './sample-token.ts';

// Saves tokens without end and reports the seeds of those that were acknowledged; the test kills it.

const [file, name] = process.argv.slice(2);
const store = await openTokenStore(`sqlite:${file}`, {
  clock: systemClock,
  logger: noLogger,
  retentionMs: RETENTION_MS,
  sweepIntervalMs: 0,
});
for (let n = 0; ; n += 50) {
  const seeds = Array.from({ length: 50 }, (_, i) => `${name}-${n + i}`);
  await Promise.all(seeds.map((seed) => store.saveAccess(sampleToken(seed))));
  process.send?.(seeds);
}
