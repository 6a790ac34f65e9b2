import type { Clock } from '#core/clock';
import type { Facts } from '#core/facts';
import { addLatency, latencyBucket } from '#core/latency-histogram';
import type { Metrics } from '#core/metrics';
import { COUNT_BUCKET_MS, type ExchangeCount, OTHER_CLIENTS } from '#core/model/exchange-count';
import type { ExchangeRecord, PolicyVerdict } from '#core/model/exchange-record';
import type { Exchange } from './exchange.ts';
import type { Step } from './pipeline.ts';
import { createRecordBudget, type RecordLimits } from './record-budget.ts';
import { queryNames, redactPath, redactWords } from './redact.ts';

/** What a gateway worker found out since the last batch. */
export interface RecordBatch {
  readonly records: readonly ExchangeRecord[];
  /** Exact, whatever was sampled. Counts of the same key may come in several batches; they add up. */
  readonly counts: readonly ExchangeCount[];
  /** Refusals (`code`) and successes (empty code) that were counted only. */
  readonly dropped: readonly { readonly code: string; readonly project: string; readonly count: number }[];
}

/** Counts every exchange and records those within the budget. */
export interface Recorder {
  finish(exchange: Exchange): void;
  /** Hands over what has gathered, if anything. */
  flush(): void;
  close(): void;
  readonly buffered: number;
}

export interface RecorderDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly gatewayId: string;
  readonly gateway: string;
  readonly onRecords: (batch: RecordBatch) => void;
  /** The published path nearest to one that is unknown; asked only for kept records. */
  readonly nearest: (host: string, path: string) => string | undefined;
  readonly limits?: RecordLimits;
}

const FLUSH_MS = 250;
const RECORDS_LIMIT = 5000;
/** Different counts between two flushes; beyond it clients are no longer told apart. */
const COUNTS_LIMIT = 4000;

interface Count {
  readonly at: number;
  readonly project: string;
  readonly version: number;
  readonly status: number;
  readonly code: string;
  readonly clientId: string;
  count: number;
  readonly took: number[];
  readonly added: number[];
}

/** Counts of one project and client in the present bucket of time, by status (successes) or `status code` (refusals). */
type Cells = Map<number | string, Count>;

export function createRecorder(deps: RecorderDeps): Recorder {
  const unrouted = deps.metrics.histogram('request_duration_ms', 'Time that exchanges take.', { project: '' });
  const budget = createRecordBudget(deps.limits);
  let records: ExchangeRecord[] = [];
  let finished: Count[] = [];
  let bucket = 0;
  let cells = new Map<object, Map<string, Cells>>();
  const dropped = new Map<string, { code: string; project: string; count: number }>();

  const count = (exchange: Exchange, tookMs: number): void => {
    const present = exchange.receivedAt - (exchange.receivedAt % COUNT_BUCKET_MS);
    if (present !== bucket) {
      cells = new Map();
      bucket = present;
    }
    const project = exchange.project;
    const clientId = clientOf(exchange, finished.length);
    const key = exchange.refusal === undefined ? exchange.status : `${exchange.status} ${exchange.refusal.code}`;
    const owner = project ?? NO_PROJECT;
    let byClient = cells.get(owner);
    if (byClient === undefined) {
      byClient = new Map();
      cells.set(owner, byClient);
    }
    let byKey = byClient.get(clientId);
    if (byKey === undefined) {
      byKey = new Map();
      byClient.set(clientId, byKey);
    }
    let cell = byKey.get(key);
    if (cell === undefined) {
      cell = {
        at: bucket,
        project: project?.name ?? '',
        version: project?.version ?? 0,
        status: exchange.status,
        code: exchange.refusal?.code ?? '',
        clientId,
        count: 0,
        took: [],
        added: [],
      };
      byKey.set(key, cell);
      finished.push(cell);
    }
    cell.count += 1;
    addLatency(cell.took, latencyBucket(tookMs));
    addLatency(cell.added, latencyBucket(tookMs - exchange.targetMs));
  };

  const flush = (): void => {
    if (records.length === 0 && finished.length === 0 && dropped.size === 0) return;
    for (const { project, status, code, count: n } of finished)
      countMetrics(deps.metrics, { project, status, code, n });
    const batch = { records, counts: finished, dropped: [...dropped.values()] };
    records = [];
    finished = [];
    cells = new Map();
    dropped.clear();
    deps.onRecords(batch);
  };
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();

  return {
    finish(exchange) {
      if (exchange.isInternal) return;
      const tookMs = deps.clock.monotonic() - exchange.startedAt;
      count(exchange, tookMs);
      (exchange.project?.duration ?? unrouted).observe(tookMs);
      const code = exchange.refusal?.code ?? '';
      const project = exchange.project?.name ?? '';
      const isKept =
        records.length < RECORDS_LIMIT &&
        (code === ''
          ? budget.takeSuccess(exchange.receivedAt)
          : budget.takeRefusal(
              code,
              `${project}/${exchange.resource?.name ?? ''}`,
              exchange.remoteAddress,
              exchange.receivedAt,
            ));
      if (isKept) {
        records.push(recordOf(exchange, tookMs, deps));
        return;
      }
      const key = `${code} ${project}`;
      const entry = dropped.get(key) ?? { code, project, count: 0 };
      entry.count += 1;
      dropped.set(key, entry);
    },
    flush,
    close() {
      clearInterval(timer);
      flush();
    },
    get buffered() {
      return records.length;
    },
  };
}

const NO_PROJECT = {};

function clientOf({ caller }: Exchange, counts: number): string {
  if (caller === undefined) return '';
  return counts < COUNTS_LIMIT ? caller.clientId : OTHER_CLIENTS;
}

function countMetrics(metrics: Metrics, sum: { project: string; status: number; code: string; n: number }): void {
  const labels = { project: sum.project, status: `${Math.floor(sum.status / 100)}xx`, code: sum.code };
  metrics.counter('requests_total', 'Exchanges, by project, class of status and reason code.', labels).add(sum.n);
}

function recordOf(exchange: Exchange, tookMs: number, deps: RecorderDeps): ExchangeRecord {
  const { project, resource, caller, refusal, call } = exchange;
  const facts = refusal === undefined ? undefined : factsOf(exchange, deps);
  return {
    id: exchange.requestId,
    at: exchange.receivedAt,
    gatewayId: deps.gatewayId,
    gateway: deps.gateway,
    serverGroup: exchange.serverGroup,
    method: exchange.method,
    host: exchange.host,
    path: redactPath(exchange.path),
    queryNames: queryNames(exchange.sentQuery),
    remoteAddress: exchange.remoteAddress,
    ...(exchange.callerRequestId !== undefined && { callerRequestId: redactWords(exchange.callerRequestId) }),
    ...(exchange.triedBy !== undefined && { triedBy: exchange.triedBy }),
    status: exchange.status,
    tookMs: rounded(tookMs),
    requestBytes: exchange.requestBytes,
    responseBytes: exchange.responseBytes,
    ...(refusal !== undefined && { code: refusal.code }),
    ...(facts !== undefined && { facts }),
    ...(project !== undefined && {
      project: project.name,
      projectId: project.id,
      projectDisplayName: project.displayName,
      version: project.version,
    }),
    ...(resource !== undefined && { resource: resource.name }),
    ...(caller !== undefined && {
      clientId: caller.clientId,
      clientName: caller.clientName,
      clientDisplayName: caller.clientDisplayName,
      subscriptionId: caller.subscriptionId,
      productId: caller.productId,
      ...(caller.secretId !== undefined && { secretId: caller.secretId }),
      ...(caller.tokenPrefix !== undefined && { tokenPrefix: caller.tokenPrefix }),
    }),
    policies: verdictsOf(exchange),
    ...(call !== undefined && { target: { ...call, totalMs: rounded(exchange.targetMs) } }),
  };
}

function factsOf(
  exchange: Exchange,
  deps: RecorderDeps,
): Record<string, string | number | boolean | string[]> | undefined {
  const facts: Facts = exchange.refusal?.facts ?? {};
  if (exchange.refusal?.code !== 'route_unknown') return plainFacts(facts);
  return plainFacts({ ...facts, nearest: facts.nearest ?? deps.nearest(exchange.host, exchange.path) });
}

function plainFacts(facts: Facts): Record<string, string | number | boolean | string[]> | undefined {
  const plain: Record<string, string | number | boolean | string[]> = {};
  for (const [name, value] of Object.entries(facts)) {
    if (value === undefined) continue;
    if (typeof value === 'string') plain[name] = redactWords(value);
    else if (typeof value === 'number' || typeof value === 'boolean') plain[name] = value;
    else plain[name] = value.map(redactWords);
  }
  return Object.keys(plain).length === 0 ? undefined : plain;
}

function verdictsOf(exchange: Exchange): PolicyVerdict[] {
  const pipeline = exchange.resource?.pipeline;
  if (pipeline === undefined) return [];
  return [...pipeline.request, ...pipeline.targetResponse, ...pipeline.proxyResponse].flatMap(
    (step): PolicyVerdict[] => {
      const ms = exchange.stepMs[step.index];
      // A policy that only unwinds, and was not asked to, has nothing to tell.
      if (ms === undefined && step.unwinds) return [];
      const stopped = exchange.stoppedBy === step;
      const facts = plainFacts(exchange.stepFacts?.[step.index] ?? {});
      return [
        {
          policy: step.policy,
          displayName: step.displayName,
          type: step.type,
          phase: step.phase,
          outcome: stopped ? exchange.stoppedAs : ms === undefined ? 'not-reached' : 'passed',
          ...(stopped && exchange.refusal !== undefined && { code: exchange.refusal.code }),
          ms: rounded(ms ?? 0),
          ...(facts !== undefined && { facts }),
        },
        ...chainVerdicts(exchange, step),
      ];
    },
  );
}

/** What policies did in the chains that a step called, after the step itself. */
function chainVerdicts(exchange: Exchange, step: Step): PolicyVerdict[] {
  return (exchange.chainEntries ?? [])
    .filter(({ within }) => within === step)
    .map(({ policy, displayName, type, chain, end, facts }) => {
      const outcome = end?.outcome ?? 'failed';
      const stopped = outcome === 'stopped' || outcome === 'failed';
      const plain = plainFacts(facts ?? {});
      return {
        ...{ policy, displayName, type, chain, outcome },
        phase: step.phase,
        ...(stopped && exchange.refusal !== undefined && { code: exchange.refusal.code }),
        ms: rounded(end?.ms ?? 0),
        ...(plain !== undefined && { facts: plain }),
      };
    });
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
