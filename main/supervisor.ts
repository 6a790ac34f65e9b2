import { join } from 'node:path';
import { systemClock } from '#core/clock';
import type { Logger } from '#core/logger';
import { type KeptChild, keepChild } from './child.ts';
import type { Config } from './config-schema.ts';
import { dataDirAt } from './data-dir.ts';
import { waitUntilJoined } from './joined.ts';

/** Where a started system listens. */
export interface Started {
  /** Origin of the management API. */
  readonly console: string;
  /** Origin of the gateway. */
  readonly gateway: string;
  /** One-time link with which the first administrator is made; undefined once there is one. */
  readonly setup: string | undefined;
}

/** A running manager and gateway. */
export interface Supervisor {
  readonly started: Promise<Started>;
  /** Replaces the gateway's workers one after the other, without a failed request (SIGHUP). */
  rollingRestart(): void;
  /** Drains the gateway, then ends the manager. */
  stop(): Promise<void>;
}

/** Longest wait for the gateway's first report. */
const JOIN_LIMIT_MS = 10_000;
/** Longest wait for the manager beside what draining takes. */
const MANAGER_STOP_MS = 10_000;

/**
 * Starts manager and gateway as children and keeps them alive. They end by themselves when this process goes, even when it is killed.
 * @param env the environment in which the children read the same configuration
 */
export function supervise(config: Config, env: NodeJS.ProcessEnv, logger: Logger): Supervisor {
  const childEnv = { ...env };
  const script = (name: string) => join(import.meta.dirname, name);
  const child = (name: string, file: string): KeptChild =>
    keepChild({ name, script: script(file), args: [], env: childEnv, clock: systemClock, logger });
  const manager = child('manager', 'manager-process.ts');
  const gateway = child('gateway', 'gateway-primary.ts');
  const started = (async (): Promise<Started> => {
    const [said, listening] = await Promise.all([manager.ready, gateway.ready]);
    // A manager that is started again listens where it was announced, also when any free port was asked for.
    childEnv.GATEWRIGHT_MANAGER_PORT = new URL(String(said.address)).port || String(config.manager.port);
    const { managerSocket } = dataDirAt(config.dataDir);
    await waitUntilJoined({
      socketPath: managerSocket,
      gateway: config.name,
      limitMs: JOIN_LIMIT_MS,
      clock: systemClock,
    });
    return {
      console: String(said.address),
      gateway: String(listening.address),
      setup: typeof said.setup === 'string' ? said.setup : undefined,
    };
  })();
  started.catch(() => {});
  return {
    started,
    rollingRestart: () => gateway.signal('SIGHUP'),
    async stop() {
      await gateway.stop(config.gateway.drainDelayMs + config.gateway.drainTimeoutMs + 2_000);
      await manager.stop(MANAGER_STOP_MS);
    },
  };
}
