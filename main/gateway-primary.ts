import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { programVersion } from '#cli/program';
import { systemClock } from '#core/clock';
import { systemRandom } from '#core/random';
import { type ManagerLink, socketLink, tlsLink } from '#gateway/manager-link';
import { type Membership, writeMembership } from '#gateway/membership/membership';
import { startRenewal } from '#gateway/membership/renewal';
import { runPrimary } from '#gateway/primary';
import { openCounterKeeper } from '#stores/counters/keeper';
import { isEmbedded } from '#stores/counters/open';
import { createLogger } from '#telemetry/logger';
import { createMetrics } from '#telemetry/metrics';
import { runChild, tellSupervisor } from './child.ts';
import type { Config } from './config-schema.ts';
import { findGatewayFolder, openDataDir } from './data-dir.ts';
import { becomeMember, type JoinOptions } from './join.ts';
import { holdLock } from './process-lock.ts';
import { describeTokenStore } from './token-store.ts';

/** Where a gateway listens. */
export interface GatewayListening {
  readonly address: string;
  readonly adminAddress: string;
}

/** A little longer than the manager waits: when both are refused, under `gatewright start`, the manager says so first. */
const LET_GO_MS = 8_000;

/**
 * Runs the gateway's primary in this process until it is told to end; then the process exits.
 * @param join with which manager to join, unless it is a member already
 * @throws JoinError, ConfigurationError
 */
export async function runGatewayPrimary(
  config: Config,
  onReady: (listening: GatewayListening) => void,
  join?: JoinOptions,
): Promise<void> {
  const dir = openDataDir(config.dataDir);
  const folder = findGatewayFolder(dir, config.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await holdLock(path.join(folder, 'gateway.lock'), {
    waitMs: LET_GO_MS,
    problem: `A gateway named ${config.name} runs on the data directory ${dir.path} already. Stop it, or give this one another name (GATEWRIGHT_NAME).`,
    clock: systemClock,
  });
  const logger = createLogger({ level: config.log.level, name: 'gateway' });
  const member = await becomeMember({ folder, name: config.name, join, logger });
  const membership = member === undefined ? undefined : keepMembership(folder, member);
  const link = membership?.link ?? socketLink(dir.managerSocket);
  const stopRenewal =
    membership === undefined ? undefined : startRenewal({ ...membership, link, clock: systemClock, logger });
  const metrics = createMetrics();
  const workers = config.workers === 0 ? availableParallelism() : config.workers;
  const counters = !isEmbedded(config.counterStore.url)
    ? undefined
    : openCounterKeeper({
        file: path.join(folder, 'counters.db'),
        ...{ workers, clock: systemClock, logger, metrics: metrics.metrics },
      });
  await runPrimary({
    dataDir: dir.path,
    folder,
    link,
    joinedAs: member,
    onRemoved: () => membership?.keep({ ...membership.membership(), isRemoved: true }),
    serverGroup: member?.serverGroup ?? config.serverGroup,
    name: member?.name ?? config.name,
    softwareVersion: programVersion(),
    workers,
    counters,
    workerScript: path.join(import.meta.dirname, 'gateway-worker.ts'),
    workerEnv: {},
    scheme: config.gateway.certFile === '' ? 'http' : 'https',
    host: config.gateway.host,
    port: config.gateway.port,
    advertisedUrl: config.gateway.advertisedUrl,
    tokenStore: describeTokenStore(config, dir),
    adminHost: config.admin.host,
    adminPort: config.admin.port,
    drainDelayMs: config.gateway.drainDelayMs,
    drainTimeoutMs: config.gateway.drainTimeoutMs,
    minFreeBytes: config.minFreeBytes,
    clock: systemClock,
    random: systemRandom,
    logger,
    metrics,
    onReady,
  });
  stopRenewal?.();
  process.exit(0);
}

/** A membership in memory and on disk, and the link that shows its certificate. */
function keepMembership(folder: string, member: Membership) {
  let current = member;
  const link: ManagerLink = tlsLink(new URL(member.manager), () => ({
    ca: current.authority,
    own: { key: current.key, certificate: current.certificate },
  }));
  return {
    link,
    membership: () => current,
    keep(next: Membership) {
      writeMembership(folder, next);
      current = next;
    },
  };
}

await runChild(import.meta.url, (config) =>
  runGatewayPrimary(config, (listening) => tellSupervisor({ type: 'ready', ...listening })),
);
