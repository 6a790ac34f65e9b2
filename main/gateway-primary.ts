import { mkdirSync } from 'node:fs';
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
import { gatewayFolder, openDataDir } from './data-dir.ts';
import { holdLock } from './process-lock.ts';

/** Where a gateway listens. */
export interface GatewayListening {
  readonly address: string;
  readonly adminAddress: string;
}

/** A little longer than the manager waits: when both are refused, under `gatewright start`, the manager says so first. */
const LET_GO_MS = 6_000;

/** Runs the gateway's primary in this process until it is told to end; then the process exits. */
export async function runGatewayPrimary(config: Config, onReady: (listening: GatewayListening) => void): Promise<void> {
  const dir = openDataDir(config.dataDir);
  const folder = gatewayFolder(dir, config.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await holdLock(join(folder, 'gateway.lock'), {
    waitMs: LET_GO_MS,
    problem: `A gateway named ${config.name} runs on the data directory ${dir.path} already. Stop it, or give this one another name (GATEWRIGHT_NAME).`,
    clock: systemClock,
  });
  await runPrimary({
    dataDir: dir.path,
    folder,
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
