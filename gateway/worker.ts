import type { FeedDeployment, FeedServerGroup } from '#core/change-feed';
import type { Clock } from '#core/clock';
import type { CounterAsk, CounterGrant } from '#core/counter-store';
import type { Logger } from '#core/logger';
import type { MetricsSource } from '#core/metrics';
import type { ExchangeRecord } from '#core/model/exchange-record';
import type { OwnerAnswer, OwnerQuestion } from '#core/owner-question';
import { openLetter } from '#core/sealed-letter';
import type { SealContext } from '#core/secret-box';
import { createApplier } from './applier.ts';
import { createCounterQuestions } from './counter-questions.ts';
import { type GroupValues, openGroupValues } from './group-values.ts';
import type { StorageLevel, StorageState, ToPrimary, ToWorker, WorkerStart } from './ipc.ts';
import { readLetterKey } from './letter-key.ts';
import { createOwnerQuestions } from './owner-questions.ts';
import { createGatewayRegistry, type GatewayRegistry } from './registry.ts';
import type { Changed } from './replica.ts';
import { openReplicaForReading, type ReplicaReader } from './replica-reader.ts';
import { isConfigurationKind } from './replica-row.ts';
import { type BatchCollector, createBatchCollector, type ExchangeBatch } from './report-batch.ts';
import { createTicketQuestions } from './try/ticket-questions.ts';

/** How often what was gathered goes to the primary. */
const FLUSH_MS = 100;
const HEARTBEAT_MS = 1000;
/** Records held while the primary does not take any; beyond it they are counted only. */
const BOUNDS = { records: 5000, rows: 5000 };

/** The data plane as far as a worker drives it. `data-plane.ts` makes it. */
export interface WorkerDataPlane {
  /** Compiles aside and swaps; with anything refused it keeps the whole old set (decision 26). `id` is `groupId/projectId`. */
  apply(configuration: {
    readonly serverGroup: FeedServerGroup;
    readonly deployments: readonly FeedDeployment[];
    readonly values: GroupValues;
    readonly seq: number;
  }): ApplyResult | Promise<ApplyResult>;
  /** Listens where the host said. */
  listen(): Promise<unknown>;
  /** No new connections, `Connection: close` on the old ones; resolves when nothing is under way. */
  drain(): Promise<void>;
  close(): Promise<void>;
  /** How much is held where memory has a bound (decision 22): numbers by name. */
  sizes(): object;
}

/** What could not be compiled. */
export interface ApplyResult {
  readonly refused: readonly { readonly id: string; readonly problem: string }[];
}

/** What a worker's parts may use. */
export interface WorkerHost {
  readonly gatewayId: string;
  readonly gatewayName: string;
  /** Name of the server group. */
  readonly serverGroup: string;
  /** Where the data plane is to listen: the same for every worker. */
  readonly host: string;
  readonly port: number;
  readonly registry: GatewayRegistry;
  /** Where exchange records and counts go. Never waits: what is too much is counted only. */
  onRecords(batch: ExchangeBatch): void;
  /** How much room the disk has. */
  storage(): StorageState;
  /** The gateway joined: there is no file of the manager here. */
  readonly isJoined: boolean;
  /** True when a ticket is used for the first time, over all workers of this gateway. */
  takeTicket(ticket: { readonly id: string; readonly at: number; readonly endsAt: number }): Promise<boolean>;
  /** Asks the manager about a resource owner. @throws UnavailableError */
  askOwners(question: OwnerQuestion): Promise<OwnerAnswer>;
  /** Asks the primary to count, for all workers of this gateway. @throws UnavailableError */
  askCounters(asks: readonly CounterAsk[]): Promise<readonly CounterGrant[]>;
  /** Opens what the manager sealed to this gateway. @throws SealError */
  openLetter(letter: string, context: SealContext): Buffer;
}

/** What `main` puts into a worker. */
export interface WorkerParts {
  readonly dataPlane: WorkerDataPlane;
  /** Clients, subscriptions, secrets, products or keys changed; the registry has forgotten them already. */
  onRegistryChange?(changed: Changed): void;
  /** The manager was heard within the last moment, and all it said is applied here. */
  onFeedHeard?(): void;
  /** How long nothing was heard of revocations, in ms, when that is longer than promised. */
  staleForMs?(): number | undefined;
  /** Further sizes to show, e.g. of the verification cache. */
  sizes?(): object;
  /** Called last, after the drain. */
  close?(): Promise<void>;
}

/** What running a worker needs. */
export interface WorkerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsSource;
  open(host: WorkerHost): WorkerParts | Promise<WorkerParts>;
}

/**
 * Runs a worker: the process's whole life. Its primary tells it what to listen on and what changed; it ends when told to drain, or with its
 * primary. Never resolves: the process exits.
 */
export async function runWorker(deps: WorkerDeps): Promise<never> {
  process.title = 'gatewright gateway-worker';
  // the primary decides when to end: a Ctrl-C reaches the whole process group
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => say({ type: 'asks-to-stop' }));
  process.once('disconnect', () => process.exit(0));
  const started = Promise.withResolvers<WorkerStart>();
  const waiting: ToWorker[] = [];
  let take = (message: ToWorker): void => {
    if (message.type === 'start') started.resolve(message);
    else waiting.push(message);
  };
  process.on('message', (message: ToWorker) => take(message));
  const beat = (): void => say({ type: 'heartbeat', sizes: sizes(), staleForMs: staleForMs(), ...processUsage() });
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  let sizes = (): Readonly<Record<string, number>> => ({});
  let staleForMs = (): number | undefined => undefined;
  say({ type: 'awake' });
  const start = await started.promise;

  let storage = start.storage;
  let reader: ReplicaReader = openReplicaForReading(start.replicaFile);
  const collector = createBatchCollector(BOUNDS);
  const registry = createGatewayRegistry({
    reader,
    onSecretUsed: (use) => collector.secretUsed(use),
    onDamage: (problem) => say({ type: 'replica-damaged', problem }),
  });
  const letterKey = readLetterKey(start.letterKeyFile);
  const open = (letter: string, context: SealContext) => openLetter(letter, { key: letterKey, context });
  const asked = createTicketQuestions((ticket) => say({ type: 'ticket', ...ticket }));
  const owners = createOwnerQuestions((id, question) => say({ type: 'owner-question', id, question }));
  const counters = createCounterQuestions((id, asks) => say({ type: 'counters', id, asks }));
  const parts = await deps.open({
    gatewayId: start.gatewayId,
    gatewayName: start.gatewayName,
    serverGroup: start.serverGroup,
    host: start.host,
    port: start.port,
    registry,
    onRecords: (batch) => collector.add(whatTheDiskAllows(batch, storage.level)),
    storage: () => storage,
    isJoined: start.isJoined,
    openLetter: open,
    takeTicket: (ticket) => asked.ask(ticket),
    askOwners: (question) => owners.ask(question),
    askCounters: (asks) => counters.ask(asks),
  });
  const { dataPlane } = parts;
  sizes = () => ({
    ...numbersOf(dataPlane.sizes()),
    ...numbersOf(parts.sizes?.() ?? {}),
    registryEntries: registry.size,
  });
  staleForMs = () => parts.staleForMs?.();
  const applier = createApplier({
    reader: () => reader,
    apply: ({ variables, ...present }) => dataPlane.apply({ ...present, values: openGroupValues(variables, open) }),
    logger: deps.logger,
    say,
  });
  const flusher = setInterval(flushOver(collector), FLUSH_MS);

  let isListening = false;
  const listen = async (): Promise<void> => {
    if (isListening) return;
    isListening = true;
    try {
      await dataPlane.listen();
    } catch (error) {
      say({ type: 'cannot-listen', problem: error instanceof Error ? error.message : String(error) }, () =>
        process.exit(1),
      );
      return;
    }
    say({ type: 'listening' });
  };
  const changed = (seq: number, what: Changed): void => {
    if (what.length === 0) {
      applier.note(seq);
      return;
    }
    registry.invalidate(what);
    parts.onRegistryChange?.(what);
    const isConfiguration = what === 'everything' || what.some(({ kind }) => isConfigurationKind(kind));
    if (isConfiguration) void applier.apply().then((isServing) => (isServing ? listen() : undefined));
    else applier.note(seq);
  };
  const drain = async (): Promise<void> => {
    await dataPlane.drain();
    clearInterval(flusher);
    await dataPlane.close();
    await parts.close?.();
    flushAll(collector);
    clearInterval(heartbeat);
    say({ type: 'drained', snapshot: deps.metrics.snapshot() }, () => process.exit(0));
  };
  take = (message) => {
    switch (message.type) {
      case 'changed':
        changed(message.seq, message.changed);
        break;
      case 'heard':
        parts.onFeedHeard?.();
        break;
      case 'reopen':
        reader.close();
        reader = openReplicaForReading(start.replicaFile);
        registry.use(reader);
        changed(0, 'everything');
        break;
      case 'ticket':
        asked.answer(message.id, message.isFresh);
        break;
      case 'owner-answer':
        owners.answer(message.id, message.answer, message.problem);
        break;
      case 'counters':
        counters.answer(message.id, message.grants, message.problem);
        break;
      case 'storage':
        storage = message.storage;
        break;
      case 'metrics':
        beat();
        say({ type: 'metrics', request: message.request, snapshot: deps.metrics.snapshot() });
        break;
      case 'drain':
        drain().catch((error) => {
          deps.logger.error({ err: error }, 'Draining failed');
          process.exit(1);
        });
        break;
      case 'start':
        break;
    }
  };
  const isServing = await applier.apply();
  if (isServing || start.mayListenEmpty) await listen();
  for (const message of waiting.splice(0)) take(message);
  return new Promise<never>(() => {});
}

/** What this process takes of the machine. */
export function processUsage(): { readonly cpuMs: number; readonly memoryBytes: number } {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, memoryBytes: process.memoryUsage.rss() };
}

/** Says something to the primary. It may be gone: then this process ends anyway. */
function say(message: ToPrimary, said: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, {}, said);
  else said();
}

function numbersOf(sizes: object): Record<string, number> {
  return Object.fromEntries(Object.entries(sizes).filter(([, value]) => typeof value === 'number'));
}

/** Sends what was gathered, but never a second batch while the first is under way: then the collector's bounds hold. */
function flushOver(collector: BatchCollector): () => void {
  let isUnderWay = false;
  return () => {
    const batch = isUnderWay ? undefined : collector.take();
    if (batch === undefined) return;
    isUnderWay = true;
    say({ type: 'batch', batch }, () => {
      isUnderWay = false;
    });
  };
}

/** Sends all that is left, before the end. */
function flushAll(collector: BatchCollector): void {
  for (let batch = collector.take(); batch !== undefined; batch = collector.take()) say({ type: 'batch', batch });
}

/** Below the limit of free space successes, then refusals too, are counted only (decision 36). */
function whatTheDiskAllows(batch: ExchangeBatch, level: StorageLevel): ExchangeBatch {
  if (level === 0) return batch;
  const isKept = ({ code }: ExchangeRecord): boolean => level === 1 && code !== undefined;
  const lost = batch.records.filter((record) => !isKept(record));
  return {
    records: batch.records.filter(isKept),
    counts: batch.counts,
    dropped: [
      ...batch.dropped,
      ...lost.map(({ code, project }) => ({ code: code ?? '', project: project ?? '', count: 1 })),
    ],
  };
}
