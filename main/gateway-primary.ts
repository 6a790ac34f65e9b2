import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { programVersion } from '#cli/program';
import { systemClock } from '#core/clock';
import { systemRandom } from '#core/random';
import { runPrimary } from '#gateway/primary';
import { createLogger } from '#telemetry/logger';
import { createMetrics } from '#telemetry/metrics';
import { runChild, tellSupervisor } from './child.ts';
import type { Config } from './config-schema.ts';
import { openDataDir } from './data-dir.ts';

/** Where a gateway listens. */
export interface GatewayListening {
  readonly address: string;
  readonly adminAddress: string;
}

/** Runs the gateway's primary in this process until it is told to end; then the process exits. */
export async function runGatewayPrimary(config: Config, onReady: (listening: GatewayListening) => void): Promise<void> {
  const dir = openDataDir(config.dataDir);
  await runPrimary({
    dataDir: dir.path,
    managerSocket: dir.managerSocket,
    serverGroup: config.serverGroup,
    name: config.name,
    softwareVersion: programVersion(),
    workers: config.workers === 0 ? availableParallelism() : config.workers,
    workerScript: join(import.meta.dirname, 'gateway-worker.ts'),
    workerEnv: {},
    scheme: config.gateway.certFile === '' ? 'http' : 'https',
    host: config.gateway.host,
    port: config.gateway.port,
    adminHost: config.admin.host,
    adminPort: config.admin.port,
    drainDelayMs: config.gateway.drainDelayMs,
    drainTimeoutMs: config.gateway.drainTimeoutMs,
    minFreeBytes: config.minFreeBytes,
    clock: systemClock,
    random: systemRandom,
    logger: createLogger({ level: config.log.level, name: 'gateway' }),
    metrics: createMetrics(),
    onReady,
  });
  process.exit(0);
}

await runChild(import.meta.url, (config) =>
  runGatewayPrimary(config, (listening) => tellSupervisor({ type: 'ready', ...listening })),
);
