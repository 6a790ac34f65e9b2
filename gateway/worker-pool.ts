import cluster, { type Worker } from 'node:cluster';
import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import type { MetricsSnapshot } from '#core/metrics';
import type { OwnerAnswer, OwnerQuestion } from '#core/owner-question';
import type { CounterDesk } from './counter-desk.ts';
import type { RefusedDeployment, ToPrimary, ToWorker, WorkerStart } from './ipc.ts';

/** A worker that said nothing for so long hangs: it is killed and replaced. */
const STALL_MS = 10_000;
const TICK_MS = 1000;
/** A worker that dies sooner than this after its start died quickly; from the third in a row on its replacement waits. */
const QUICK_MS = 2000;
const LONGEST_WAIT_MS = 10_000;
/** Longest wait for a replacement to listen before the old worker is kept. */
const REPLACE_TIMEOUT_MS = 30_000;

/** A small young generation: 40 MB less a worker under load, at the same CPU per request (`bench/`, memory). */
const WORKER_FLAGS = ['--max-semi-space-size=8'];

/** What the primary knows of a worker. */
export interface WorkerState {
  readonly pid: number;
  isListening: boolean;
  isServing: boolean;
  isDraining: boolean;
  /** The number of the feed up to which it has compiled; -1: nothing yet. */
  seq: number;
  refused: readonly RefusedDeployment[];
  sizes: Readonly<Record<string, number>>;
  /** How long it has heard of no revocation, when that is longer than promised. */
  staleForMs: number | undefined;
  /** Processor time so far, ms. */
  cpuMs: number;
  memoryBytes: number;
  /** The metrics it sent last. */
  metrics: MetricsSnapshot | undefined;
}

/** What a pool needs. */
export interface WorkerPoolDeps {
  readonly count: number;
  /** The script that calls `runWorker`. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a worker that begins must know. */
  start(): WorkerStart;
  /** True when a ticket is used for the first time. */
  takeTicket(ticket: { readonly id: string; readonly at: number; readonly endsAt: number }): boolean;
  /** Asks the manager about a resource owner. @throws UnavailableError */
  askOwners(question: OwnerQuestion): Promise<OwnerAnswer>;
  /** Counts calls for all workers. */
  readonly countCalls: CounterDesk;
  /** A worker said something that the pool does not settle itself. */
  onMessage(message: ToPrimary, worker: WorkerState): void;
  /** A worker began, listens, changed its state or is gone. */
  onChange(): void;
  /** A worker is gone; what it counted must not be forgotten. */
  onGone(worker: WorkerState): void;
}

/** The gateway's workers: always `count` of them, replaced when they die, hang or are asked to. */
export interface WorkerPool {
  /** Those that are not draining. */
  readonly workers: readonly WorkerState[];
  broadcast(message: ToWorker): void;
  /** Replaces one after the other: the new one listens before the old one drains. */
  restart(): Promise<void>;
  /** Drains all and kills what is left after `timeoutMs`. No worker is replaced any more. */
  drain(timeoutMs: number): Promise<void>;
}

interface Slot extends WorkerState {
  readonly worker: Worker;
  readonly startedAt: number;
  heardAt: number;
}

/** Starts the workers. They share one listening handle (SCHED_NONE: the kernel says who takes a connection). */
export function startWorkerPool(deps: WorkerPoolDeps): WorkerPool {
  const { clock, logger } = deps;
  const slots = new Map<number, Slot>();
  let isEnding = false;
  let quickDeaths = 0;
  let tickedAt = clock.monotonic();
  let restarting: Promise<void> | undefined;

  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: deps.script,
    args: ['gateway-worker'],
    execArgv: [...process.execArgv, ...WORKER_FLAGS],
  });

  const send = (slot: Slot, message: ToWorker): void => {
    if (slot.worker.isConnected()) slot.worker.send(message, undefined, () => {}); // a failure is its end, which is noticed
  };
  const fork = (): Slot => {
    const worker = cluster.fork(deps.env);
    const now = clock.monotonic();
    const slot: Slot = {
      worker,
      pid: worker.process.pid ?? 0,
      startedAt: now,
      heardAt: now,
      isListening: false,
      isServing: false,
      isDraining: false,
      seq: -1,
      refused: [],
      sizes: {},
      staleForMs: undefined,
      cpuMs: 0,
      memoryBytes: 0,
      metrics: undefined,
    };
    slots.set(worker.id, slot);
    worker.on('message', (message: ToPrimary) => {
      slot.heardAt = clock.monotonic();
      take(slot, message);
    });
    worker.on('error', (error) => logger.error({ err: error, worker: slot.pid }, 'A worker has trouble'));
    worker.on('exit', (code, signal) => gone(slot, code, signal));
    return slot;
  };
  const take = (slot: Slot, message: ToPrimary): void => {
    switch (message.type) {
      case 'awake':
        send(slot, deps.start());
        return;
      case 'listening':
        slot.isListening = true;
        deps.onChange();
        break;
      case 'applied':
        slot.seq = message.seq;
        slot.refused = message.refused;
        slot.isServing = message.isServing;
        deps.onChange();
        break;
      case 'heartbeat':
        slot.sizes = message.sizes;
        slot.staleForMs = message.staleForMs;
        slot.cpuMs = message.cpuMs;
        slot.memoryBytes = message.memoryBytes;
        return;
      case 'metrics':
      case 'drained':
        slot.metrics = message.snapshot;
        break;
      case 'ticket':
        send(slot, { type: 'ticket', id: message.id, isFresh: deps.takeTicket(message) });
        return;
      case 'owner-question':
        void answerOwnerQuestion(slot, message.id, message.question);
        return;
      case 'counters':
        void deps.countCalls(message.id, message.asks).then((answer) => send(slot, answer));
        return;
      case 'asks-to-stop':
        // a signal to the whole process group reaches the primary too; then it drains all of them
        setTimeout(() => !isEnding && void replace(slot), 200);
        return;
    }
    deps.onMessage(message, slot);
  };
  const answerOwnerQuestion = async (slot: Slot, id: number, question: OwnerQuestion): Promise<void> => {
    let answer: OwnerAnswer | undefined;
    let problem = '';
    try {
      answer = await deps.askOwners(question);
    } catch (error) {
      problem = error instanceof UnavailableError ? error.message : 'The manager could not be asked.';
      if (!(error instanceof UnavailableError)) logger.error({ err: error }, 'The manager could not be asked');
    }
    send(slot, { type: 'owner-answer', id, answer, problem });
  };
  const gone = (slot: Slot, code: number | null, signal: string | null): void => {
    slots.delete(slot.worker.id);
    deps.onGone(slot);
    deps.onChange();
    if (isEnding || slot.isDraining) return;
    quickDeaths = clock.monotonic() - slot.startedAt < QUICK_MS ? quickDeaths + 1 : 0;
    const waitMs = quickDeaths < 3 ? 0 : Math.min(LONGEST_WAIT_MS, 100 * 2 ** (quickDeaths - 3));
    logger.error({ worker: slot.pid, code, signal, waitMs }, 'A worker died and is replaced');
    setTimeout(refill, waitMs);
  };
  const refill = (): void => {
    while (!isEnding && alive().length < deps.count) fork();
  };
  const alive = (): Slot[] => [...slots.values()].filter(({ isDraining }) => !isDraining);

  const drainOne = (slot: Slot): void => {
    slot.isDraining = true;
    send(slot, { type: 'drain' });
  };
  /** True when the replacement listens and the old one drains. */
  const replace = async (old: Slot): Promise<boolean> => {
    if (old.isDraining || !slots.has(old.worker.id)) return true;
    const fresh = fork();
    const until = clock.monotonic() + REPLACE_TIMEOUT_MS;
    while (!fresh.isListening && !isEnding) {
      if (!slots.has(fresh.worker.id) || clock.monotonic() > until) {
        logger.error({ worker: fresh.pid }, 'The replacement of a worker did not start; the old one goes on');
        fresh.isDraining = true;
        fresh.worker.process.kill('SIGKILL');
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!isEnding) drainOne(old);
    return true;
  };
  const tick = (): void => {
    const now = clock.monotonic();
    // when this process itself was held up, what the workers said in the meantime is still to be read
    const wasHeldUp = now - tickedAt > 3 * TICK_MS;
    tickedAt = now;
    for (const slot of slots.values()) {
      if (wasHeldUp) slot.heardAt = now;
      if (now - slot.heardAt < STALL_MS) continue;
      logger.error({ worker: slot.pid, silentMs: Math.round(now - slot.heardAt) }, 'A worker hangs and is killed');
      slot.heardAt = now;
      slot.worker.process.kill('SIGKILL');
    }
  };
  const timer = setInterval(tick, TICK_MS);
  refill();

  return {
    get workers() {
      return alive();
    },
    broadcast(message) {
      for (const slot of slots.values()) send(slot, message);
    },
    restart() {
      restarting ??= (async () => {
        for (const slot of alive()) if (!(await replace(slot))) break;
      })().finally(() => {
        restarting = undefined;
      });
      return restarting;
    },
    async drain(timeoutMs) {
      isEnding = true;
      for (const slot of slots.values()) drainOne(slot);
      const until = clock.monotonic() + timeoutMs;
      while (slots.size > 0 && clock.monotonic() < until) await new Promise((resolve) => setTimeout(resolve, 10));
      for (const slot of slots.values()) {
        logger.warn({ worker: slot.pid }, 'A worker did not finish in time and is killed');
        slot.worker.process.kill('SIGKILL');
      }
      clearInterval(timer);
    },
  };
}
