import { join } from 'node:path';
import { programVersion } from '#cli/program';
import { systemClock } from '#core/clock';
import { systemRandom } from '#core/random';
import { type AdminListener, startAdminListener } from '#gateway/admin';
import { createManager } from '#manager/manager';
import { policyTypes } from '#policies/registry';
import { createLogger } from '#telemetry/logger';
import { createMetrics } from '#telemetry/metrics';
import { runChild, tellSupervisor } from './child.ts';
import type { Config } from './config-schema.ts';
import { openDataDir } from './data-dir.ts';
import { openMasterKeyFile } from './master-key.ts';
import { holdLock } from './process-lock.ts';
import { keepUntilSignal } from './signals.ts';
import { createTokenStoreGauges, openTokenStores } from './token-store.ts';

/** Where a manager listens. */
export interface ManagerListening {
  readonly address: string;
  readonly setup: string | undefined;
  readonly adminAddress: string;
}

/** What a killed supervisor leaves behind has ended by then. */
const LET_GO_MS = 5_000;

/** Runs the manager in this process until it is told to end. Resolves when it listens. */
export async function runManager(config: Config, onReady: (listening: ManagerListening) => void): Promise<void> {
  process.title = 'gatewright manager-process';
  const logger = createLogger({ level: config.log.level, name: 'manager' });
  const source = createMetrics();
  const dir = openDataDir(config.dataDir);
  await holdLock(dir.managerLock, {
    waitMs: LET_GO_MS,
    problem: `Gatewright runs on the data directory ${dir.path} already. Stop it, or use another one (GATEWRIGHT_DATA_DIR).`,
    clock: systemClock,
  });
  const isOwnKey = config.masterKeyFile === '';
  const masterKey = openMasterKeyFile(isOwnKey ? dir.masterKey : config.masterKeyFile, {
    create: isOwnKey,
    random: systemRandom,
  });
  const tokenStores = await openTokenStores(config, dir, { clock: systemClock, logger, metrics: source.metrics });
  const manager = await createManager({
    database: config.database.url === '' ? dir.managerDatabase : config.database.url,
    dataDir: dir.path,
    clock: systemClock,
    random: systemRandom,
    logger,
    metrics: source.metrics,
    policyTypes,
    masterKeys: {
      secretBox: () => masterKey.box(),
      rotate: async () => {
        masterKey.rotate(systemRandom);
      },
    },
    tokenStores,
    options: {
      host: config.manager.host,
      port: config.manager.port,
      socketPath: dir.managerSocket,
      tls: config.manager.certFile === '' ? undefined : config.manager,
      hosts: config.manager.hosts,
      bootstrapToken: config.bootstrapToken === '' ? undefined : config.bootstrapToken,
      allowPlainHttp: config.manager.allowPlainHttp,
      publicUrl: config.manager.publicUrl === '' ? undefined : config.manager.publicUrl,
      requestsPerSecond: config.limits.managementPerSecond,
      gateways: {
        accept: config.manager.acceptGateways,
        host: config.manager.gatewayHost,
        port: config.manager.gatewayPort,
        url: config.manager.gatewayUrl,
        certificateLifeMs: config.manager.gatewayCertificateMs,
      },
      records: { maxAgeMs: config.records.retentionDays * 86_400_000, limitBytes: config.records.limitBytes },
      audit: {
        retentionDays: config.audit.retentionDays,
        checkpointFile: config.audit.checkpointFile === '' ? undefined : config.audit.checkpointFile,
        checkpointUrl: config.audit.checkpointUrl === '' ? undefined : config.audit.checkpointUrl,
      },
      outbound: {
        allow: config.outbound.allow,
        ownPorts: [
          config.manager.port,
          config.manager.gatewayPort,
          config.gateway.port,
          config.admin.port,
          config.admin.managerPort,
        ],
      },
      consoleDir: join(import.meta.dirname, '..', 'console', 'dist'),
      version: programVersion(),
    },
  });
  const measureTokenStore = createTokenStoreGauges(tokenStores, source.metrics);
  let admin: AdminListener | undefined;
  keepUntilSignal({
    async stop() {
      await admin?.close();
      await manager.close();
      await tokenStores[Symbol.asyncDispose]();
    },
  });
  const { address, setupLink } = await manager.listen();
  admin = await startAdminListener({
    host: config.admin.host,
    port: config.admin.managerPort,
    variable: 'GATEWRIGHT_ADMIN_MANAGER_PORT',
    readiness: () => [
      { name: 'manager', ok: manager.ready(), detail: manager.ready() ? 'it listens' : 'it is starting or stopping' },
    ],
    async metrics() {
      await measureTokenStore();
      return source.render();
    },
  });
  onReady({ address, setup: setupLink, adminAddress: admin.address });
}

await runChild(import.meta.url, (config) =>
  runManager(config, (listening) => tellSupervisor({ type: 'ready', ...listening })),
);
