import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import type { Clock } from '#core/clock';
import type { CounterKeeper } from '#core/counter-store';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { MetricsSource } from '#core/metrics';
import type { GatewayReport } from '#core/model/exchange-record';
import type { Random } from '#core/random';
import { startAdminListener } from './admin.ts';
import { createCounterDesk } from './counter-desk.ts';
import { storageProblem, watchDisk } from './disk-watch.ts';
import { createFeedIntake } from './feed-intake.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import type { ToPrimary, WorkerStart } from './ipc.ts';
import { openLetterKey } from './letter-key.ts';
import { chooseListenPort } from './listen-port.ts';
import { machineId } from './machine.ts';
import type { ManagerLink } from './manager-link.ts';
import { createOwnerClient } from './owner-client.ts';
import { checkReadiness } from './readiness.ts';
import { gatewayFiles } from './replica-files.ts';
import { openGatewayId } from './replica-open.ts';
import { createReportClient } from './report-client.ts';
import { type GatewayState, startReporter } from './reporter.ts';
import { openSpool } from './spool.ts';
import { createSingleUse } from './try/single-use.ts';
import { createUsageMeter } from './usage.ts';
import { createWorkState, type WorkState } from './work-state.ts';
import { processUsage } from './worker.ts';
import { startWorkerPool, type WorkerPool } from './worker-pool.ts';

/** Most that is kept on disk for a manager that is away (decision 31). */
const SPOOL_LIMIT_BYTES = 64 * 1024 * 1024;
/** How long what is under way may take when the supervisor is gone: nobody waits for the drain any more. */
const ORPHAN_DRAIN_MS = 2000;

/** After its drain a worker hands over its last records and numbers. */
const HAND_OVER_MS = 500;

/** What running a gateway's primary needs. */
export interface PrimaryDeps {
  /** Its disk is watched for room. */
  readonly dataDir: string;
  /** What is this gateway's own and nobody else's: replica, spool, id. Made when missing. */
  readonly folder: string;
  readonly link: ManagerLink;
  /** Who it is by its certificate; undefined: it uses the socket of its data directory and an id of its own. */
  readonly joinedAs: { readonly gatewayId: string } | undefined;
  /** The manager said that it was removed: to be kept in mind over a restart. */
  readonly onRemoved: () => void;
  /** Name of the server group. */
  readonly serverGroup: string;
  /** Name of this gateway. */
  readonly name: string;
  readonly softwareVersion: string;
  /** How many workers. */
  readonly workers: number;
  /** The script that calls `runWorker`. */
  readonly workerScript: string;
  /** Added to this process's environment for the workers. */
  readonly workerEnv: Readonly<Record<string, string | undefined>>;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** 0: the one used last time, or any free one. */
  readonly port: number;
  /** Where it is reached, as it tells the manager; empty: where it listens. */
  readonly advertisedUrl: string;
  readonly tokenStore: NonNullable<GatewayReport['tokenStore']>;
  /** Keeps the counts of the workers; left out: they count elsewhere. Closed at the end. */
  readonly counters?: CounterKeeper | undefined;
  readonly adminHost: string;
  /** 0: any free one. */
  readonly adminPort: number;
  /** How long the gateway says that it is not ready before it takes no new connections. */
  readonly drainDelayMs: number;
  /** Hard limit of draining. */
  readonly drainTimeoutMs: number;
  readonly minFreeBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsSource;
  /** Called once: every worker listens and serves. */
  onReady(listening: { readonly address: string; readonly adminAddress: string }): void;
}

/**
 * Runs the primary: the process's whole life. It keeps the replica, follows the feed, keeps the workers alive, reports, and shows readiness
 * and metrics; it touches no exchange. SIGHUP restarts the workers one after the other; SIGTERM and SIGINT drain and end it, and so does
 * the loss of its supervisor. Resolves when everything is closed: the caller exits.
 * @throws ConfigurationError when it cannot listen or its workers cannot start
 */
export async function runPrimary(deps: PrimaryDeps): Promise<void> {
  process.title = 'gatewright gateway-primary';
  const ended = Promise.withResolvers<'asked' | 'orphaned' | 'unable'>();
  process.on('SIGTERM', () => ended.resolve('asked'));
  process.on('SIGINT', () => ended.resolve('asked'));
  process.once('disconnect', () => ended.resolve('orphaned'));
  let work: WorkState | undefined;
  const poolNow = (): WorkerPool | undefined => work?.pool;
  process.on('SIGHUP', () => void poolNow()?.restart());

  const { clock, random, logger, metrics } = deps;
  const startedAt = clock.now();
  const files = gatewayFiles(deps.folder);
  const gatewayId = deps.joinedAs?.gatewayId ?? openGatewayId(files, random);
  const letterKey = openLetterKey(files.folder);
  const port = await chooseListenPort({ host: deps.host, port: deps.port, folder: files.folder, random });
  const listens = `${deps.scheme}://${hostInUrl(deps.host)}:${port}`;
  // On every address, the manager elsewhere would take our loopback for its own.
  const isAnywhere = deps.host === '0.0.0.0' || deps.host === '::';
  const reached = deps.joinedAs !== undefined && isAnywhere ? `${deps.scheme}://${hostname()}:${port}` : listens;
  const address = deps.advertisedUrl === '' ? reached : deps.advertisedUrl;
  let failure = `The gateway cannot listen on ${listens}.`;
  let isReady = false;

  const disk = await watchDisk({
    folder: deps.dataDir,
    minFreeBytes: deps.minFreeBytes,
    logger,
    onChange: (storage) => poolNow()?.broadcast({ type: 'storage', storage }),
  });
  const intake = createFeedIntake({
    ...deps,
    ...{ files, gatewayId, letterKey: { publicKey: letterKey.key.publicKey, isNew: letterKey.isNew } },
    tell: (message) => poolNow()?.broadcast(message),
    onOrder: (order) => work?.order(order),
  });
  const start = (): WorkerStart => ({
    type: 'start',
    replicaFile: files.replica,
    host: deps.host,
    port,
    gatewayId,
    gatewayName: deps.name,
    serverGroup: deps.serverGroup,
    mayListenEmpty: !(poolNow()?.workers.some(({ isServing }) => isServing) ?? false),
    storage: disk.storage,
    letterKeyFile: letterKey.file,
    isJoined: deps.joinedAs !== undefined,
  });
  const tickets = createSingleUse(clock);
  const owners = createOwnerClient(deps.link);
  const countCalls = createCounterDesk(deps.counters, logger);
  const usage = createUsageMeter({
    clock,
    processors: availableParallelism(),
    workers: () => poolNow()?.workers ?? [],
    own: processUsage,
  });
  const machine = machineId();
  const stateNow = (): GatewayState => {
    const workers = poolNow()?.workers ?? [];
    const refused = new Map(workers.flatMap((worker) => worker.refused).map((one) => [one.id, one]));
    const problem = intake.problem ?? storageProblem(disk.storage);
    return {
      gatewayId,
      name: deps.name,
      serverGroup: deps.serverGroup,
      address,
      softwareVersion: deps.softwareVersion,
      startedAt,
      epoch: intake.position?.epoch ?? '',
      seq: workers.length === 0 ? (intake.position?.seq ?? 0) : compiledSeq(poolNow()),
      machine,
      tokenStore: deps.tokenStore,
      ...usage(),
      state: work?.isDraining === true ? 'draining' : readiness().every(({ ok }) => ok) ? 'ready' : 'not-ready',
      workers: workers.length,
      ...(problem === undefined ? {} : { problem }),
      refused: [...refused.values()],
    };
  };
  const readiness = () =>
    checkReadiness({
      workers: poolNow()?.workers ?? [],
      wantedWorkers: deps.workers,
      replicaSeq: intake.position?.seq,
      isDraining: work?.isDraining === true,
      isRemoved: work?.isRemoved === true,
      clock,
      clockOffsetMs: intake.clockOffsetMs,
    });
  const reporter = startReporter({
    client: createReportClient(deps.link),
    spool: openSpool(files.spool, SPOOL_LIMIT_BYTES),
    clock,
    random,
    logger,
    state: stateNow,
    storageLevel: () => disk.storage.level,
  });
  const shown = createGatewayMetrics({
    metrics,
    workers: () => poolNow()?.workers ?? [],
    ask: (message) => poolNow()?.broadcast(message),
    now: () => ({ intake, storage: disk.storage, compiledSeq: compiledSeq(poolNow()) }),
  });
  const take = (message: ToPrimary): void => {
    if (message.type === 'batch') reporter.add(message.batch);
    else if (message.type === 'metrics') shown.answered(message.request);
    else if (message.type === 'replica-damaged') intake.mend(message.problem);
    else if (message.type === 'failed') {
      logger.error({}, `A worker cannot start: ${message.message}`);
      if (isReady) return; // those that run go on, and it is tried again
      failure = message.message;
      ended.resolve('unable');
    } else if (message.type === 'cannot-listen') {
      logger.error({ address: listens }, `A worker cannot listen: ${message.problem}`);
      if (!isReady) ended.resolve('unable'); // somebody took the port in this very moment; whoever started this tries again
    }
  };
  const changed = (): void => {
    const workers = poolNow()?.workers ?? [];
    const serving = workers.filter(({ isListening, isServing }) => isListening && isServing);
    if (workers.length > 0 && workers.every(({ seq }) => seq >= 0)) {
      const refusedIds = new Set(workers.flatMap(({ refused }) => refused.map(({ id }) => id)));
      intake.accept(compiledSeq(poolNow()), refusedIds);
    }
    reporter.nudge();
    if (isReady || (serving.length < deps.workers && work?.isIdle !== true)) return;
    isReady = true;
    deps.onReady({ address, adminAddress: admin.address });
  };
  const admin = await startAdminListener({
    host: deps.adminHost,
    port: deps.adminPort,
    variable: 'GATEWRIGHT_ADMIN_PORT',
    readiness,
    metrics: () => shown.render(),
  });
  work = createWorkState({
    logger,
    openPool: () =>
      startWorkerPool({
        ...{ count: deps.workers, script: path.resolve(deps.workerScript), env: deps.workerEnv, clock, logger, start },
        ...{
          onMessage: take,
          takeTicket: (ticket) => tickets.take(ticket),
          askOwners: (question) => owners.ask(question),
          countCalls,
          onChange: changed,
          onGone: (worker) => void shown.keep(worker),
        },
      }),
    drainDelayMs: deps.drainDelayMs,
    drainTimeoutMs: deps.drainTimeoutMs + HAND_OVER_MS,
    onChange: changed,
    onRemoved: deps.onRemoved,
  });
  intake.follow();
  logger.info({ gatewayId, address, admin: admin.address, workers: deps.workers }, 'The gateway starts');

  const why = await ended.promise;
  logger.info({ why }, 'The gateway drains');
  await work.end(
    why === 'asked'
      ? { delayMs: deps.drainDelayMs, timeoutMs: deps.drainTimeoutMs + HAND_OVER_MS }
      : { delayMs: 0, timeoutMs: Math.min(ORPHAN_DRAIN_MS, deps.drainTimeoutMs) + HAND_OVER_MS },
  );
  disk.close();
  await deps.counters?.[Symbol.asyncDispose]();
  await Promise.all([reporter.close(), intake.close(), admin.close()]);
  deps.link.close();
  logger.info({}, 'The gateway ended');
  if (why === 'unable') throw new ConfigurationError(failure, '/gateway');
}

/** The number that every worker has compiled, but for those that only begin. */
function compiledSeq(pool: WorkerPool | undefined): number {
  const seqs = (pool?.workers ?? []).map(({ seq }) => seq).filter((seq) => seq >= 0);
  return seqs.length === 0 ? 0 : Math.min(...seqs);
}

/** Where a client on this machine reaches a host that is listened on. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
