import type { Clock } from '#core/clock';
import { crockford } from '#core/id';
import type { Logger } from '#core/logger';
import type { GatewayReport } from '#core/model/exchange-record';
import type { Random } from '#core/random';
import type { ReportBatch, StorageLevel } from './ipc.ts';
import { BATCH_RECORDS, createBatchCollector } from './report-batch.ts';
import type { ReportClient } from './report-client.ts';
import type { NumberedBatch, Spool } from './spool.ts';

/** How often what was gathered is sent. */
const TICK_MS = 250;
/** How often a report is sent though there is nothing: the manager sees that the gateway lives. */
const HEARTBEAT_MS = 1000;
/** Records held in memory; beyond it they are counted only. */
const BOUNDS = { records: 20 * BATCH_RECORDS, rows: 20_000 };

/** What a gateway says of itself in each report. */
export type GatewayState = Omit<GatewayReport, 'batchId' | keyof ReportBatch>;

/** What reporting needs. */
export interface ReporterDeps {
  readonly client: ReportClient;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  state(): GatewayState;
  /** How much room the disk has: without any nothing is spooled. */
  storageLevel(): StorageLevel;
}

/** Brings what the workers gathered to the manager, each batch once and in order. */
export interface Reporter {
  /** Takes what a worker gathered. */
  add(batch: ReportBatch): void;
  /** Sends soon, because the state changed. */
  nudge(): void;
  /** Sends or spools the rest and stops. */
  close(): Promise<void>;
}

/**
 * Starts reporting. While the manager is away batches go to the spool, once a second; when it is back the spool is sent first, oldest
 * first. A batch keeps its id, so that one which arrived though its answer was lost is taken once.
 */
export function startReporter(deps: ReporterDeps): Reporter {
  const { client, spool, clock, random, logger } = deps;
  const collector = createBatchCollector(BOUNDS);
  let isAway = false;
  let wasTaken = false;
  let isClosing = false;
  let lastTryAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  const addAll = (batch: ReportBatch): void => {
    collector.add(batch);
    for (const { uses, ...use } of batch.secretsUsed) collector.secretUsed(use, uses);
  };
  const send = async ({ batchId, batch }: NumberedBatch): Promise<boolean> => {
    lastTryAt = clock.monotonic();
    const outcome = await client.send({ ...deps.state(), batchId, ...batch });
    if (outcome.state === 'refused') logger.error({ batchId, records: batch.records.length }, outcome.problem);
    const isTaken = outcome.state !== 'away';
    if (isTaken === isAway) {
      isAway = !isTaken;
      // started together, the manager is simply not there yet
      const tell = wasTaken ? logger.warn.bind(logger) : logger.debug.bind(logger);
      if (isAway)
        tell({ problem: outcome.state === 'away' ? outcome.problem : '' }, 'The manager is away; reports wait');
      else if (wasTaken) logger.info({ spooled: spool.count }, 'The manager takes reports again');
    }
    wasTaken ||= isTaken;
    return isTaken;
  };
  /** Puts batches on disk. What had to go for them is counted once all of them are there, or it would never end. */
  const keep = (...numbered: NumberedBatch[]): void => {
    const lost: ReportBatch[] = [];
    for (const one of numbered) {
      try {
        lost.push(...spool.push(withoutWhatDiskForbids(one, deps.storageLevel())).map(({ batch }) => batch));
      } catch (error) {
        logger.error({ err: error }, 'A report cannot be spooled; its records are lost');
        lost.push(one.batch);
      }
    }
    // the counts are exact whatever happens; only what each exchange looked like is lost
    for (const batch of lost) addAll(onlyCounts(batch));
  };
  const number = (batch: ReportBatch): NumberedBatch => ({ batchId: `bat_${crockford(random, 16)}`, batch });

  const sendSpool = async (): Promise<boolean> => {
    for (let oldest = spool.peek(); oldest !== undefined; oldest = spool.peek()) {
      if (!(await send(oldest))) return false;
      spool.shift();
    }
    return true;
  };
  const sendAll = async (): Promise<void> => {
    if (!(await sendSpool())) return;
    for (let batch = collector.take(); batch !== undefined; batch = collector.take()) {
      const numbered = number(batch);
      if (await send(numbered)) continue;
      keep(numbered);
      return;
    }
  };
  const spoolAll = (): void => {
    const batches: NumberedBatch[] = [];
    for (let batch = collector.take(); batch !== undefined; batch = collector.take()) batches.push(number(batch));
    keep(...batches);
  };
  const turn = async (): Promise<void> => {
    const isDue = clock.monotonic() - lastTryAt >= HEARTBEAT_MS;
    // with nothing to keep, asking costs nothing: a manager that starts together with its gateway is found at once
    if (isAway && !isDue && !(collector.isEmpty && spool.count === 0)) return;
    if (isAway) {
      // ask with the oldest batch, or with an empty one; what was gathered meanwhile is safe on disk first
      spoolAll();
      const isBack = spool.count > 0 ? await sendSpool() : await send(number(EMPTY));
      if (!isBack) return;
    }
    if (collector.isEmpty && spool.count === 0) {
      if (isDue) await send(number(EMPTY));
      return;
    }
    await sendAll();
  };
  const run = (): Promise<void> => {
    running ??= turn()
      .catch((error) => logger.error({ err: error }, 'Reporting failed'))
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const timer = setInterval(() => void run(), TICK_MS);
  void run();

  return {
    add: addAll,
    nudge() {
      if (isClosing || isAway) return;
      lastTryAt = Number.NEGATIVE_INFINITY;
      void run();
    },
    async close() {
      isClosing = true;
      clearInterval(timer);
      await running;
      lastTryAt = Number.NEGATIVE_INFINITY;
      if (!isAway) await run(); // says that it is draining, too
      spoolAll();
    },
  };
}

const EMPTY: ReportBatch = { records: [], counts: [], dropped: [], secretsUsed: [] };

/** A batch whose records were lost: each is counted as dropped. */
function onlyCounts(batch: ReportBatch): ReportBatch {
  const lost = batch.records.map(({ code, project }) => ({ code: code ?? '', project: project ?? '', count: 1 }));
  return { ...batch, records: [], dropped: [...batch.dropped, ...lost] };
}

/** Below the limit of free space nothing more than counts is written (decision 36). */
function withoutWhatDiskForbids({ batchId, batch }: NumberedBatch, level: StorageLevel): NumberedBatch {
  return { batchId, batch: level >= 2 ? onlyCounts(batch) : batch };
}
