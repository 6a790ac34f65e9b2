import path from 'node:path';
import { systemClock } from '#core/clock';
import { systemRandom } from '#core/random';
import { socketLink } from '#gateway/manager-link';
import { runPrimary } from '#gateway/primary';
import { createLogger } from '#telemetry/logger';
import { createMetrics } from '#telemetry/metrics';

// A gateway's primary over the small workers of gateway-worker.ts. Its one argument is the data directory.

const dataDir = process.argv[2] ?? '';
await runPrimary({
  dataDir,
  folder: path.join(dataDir, 'gateway'),
  link: socketLink(path.join(dataDir, 'manager.sock')),
  joinedAs: undefined,
  onRemoved: () => {},
  advertisedUrl: '',
  tokenStore: { kind: 'memory', place: '' },
  serverGroup: 'local',
  name: 'local-1',
  softwareVersion: '0.0.0',
  workers: 2,
  workerScript: path.join(import.meta.dirname, 'gateway-worker.ts'),
  workerEnv: {},
  scheme: 'http',
  host: '127.0.0.1',
  port: 0,
  adminHost: '127.0.0.1',
  adminPort: 0,
  drainDelayMs: 50,
  drainTimeoutMs: 5000,
  minFreeBytes: 0,
  clock: systemClock,
  random: systemRandom,
  logger: createLogger({ level: 'info', name: 'gateway-primary' }),
  metrics: createMetrics(),
  onReady: (listening) => process.send?.(listening),
});
process.exit(0);
