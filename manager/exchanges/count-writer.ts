import type { DatabaseSync } from 'node:sqlite';
import { type ExchangeCount, OTHER_CLIENTS } from '#core/model/exchange-count';
import { bucketOf, type CountStep } from './count-steps.ts';
import { ALL_PROJECTS } from './count-tables.ts';
import { latencyBlob } from './latency-blob.ts';

/** Clients told apart in one bucket; those that come later are counted together as `other`. */
const CLIENTS_LIMIT = 1000;
/** Buckets whose clients are remembered: the present ones of each width, and some that come late. */
const BUCKETS_REMEMBERED = 64;

/** Adds counts to every width of buckets. Runs inside the transaction of the batch that they came with. */
export interface CountWriter {
  add(serverGroup: string, counts: readonly ExchangeCount[]): void;
  /** Forgets what it remembers of the file: after a rollback, or when the file is another. */
  forget(): void;
}

interface Traffic {
  requests: number;
  clientErrors: number;
  serverErrors: number;
  /** Pairs one after the other as they came; they are added up when they are written. */
  readonly took: number[];
  readonly added: number[];
}
interface Caller {
  requests: number;
  failed: number;
  readonly took: number[];
}
type Key = readonly (string | number)[];

/** Sums of a batch by their keys: one write for each, however many counts made it. */
class Sums<Sum> {
  readonly #byText = new Map<string, { readonly key: Key; readonly sum: Sum }>();
  readonly #make: () => Sum;

  constructor(make: () => Sum) {
    this.#make = make;
  }

  of(...key: Key): Sum {
    const text = key.join('\0');
    let entry = this.#byText.get(text);
    if (entry === undefined) {
      entry = { key, sum: this.#make() };
      this.#byText.set(text, entry);
    }
    return entry.sum;
  }

  values() {
    return this.#byText.values();
  }
}

/** Makes a writer for an opened file. */
export function createCountWriter(
  database: () => DatabaseSync,
  steps: readonly CountStep[],
  clientsLimit = CLIENTS_LIMIT,
): CountWriter {
  const clients = new Map<string, Set<string>>();

  /** The client itself while there is room for it in the bucket. */
  function toldApart(clientId: string, step: number, at: number): string {
    if (clientId === '' || clientId === OTHER_CLIENTS) return clientId;
    const bucket = `${step} ${at}`;
    let known = clients.get(bucket);
    if (known === undefined) {
      const rows = database()
        .prepare('SELECT DISTINCT client_id FROM count_callers WHERE step = ? AND at = ? AND project = ?')
        .all(step, at, ALL_PROJECTS);
      known = new Set(rows.map(({ client_id: id }) => String(id)));
      const [oldest] = clients.keys();
      if (clients.size >= BUCKETS_REMEMBERED && oldest !== undefined) clients.delete(oldest);
      clients.set(bucket, known);
    }
    if (known.has(clientId)) return clientId;
    if (known.size >= clientsLimit) return OTHER_CLIENTS;
    known.add(clientId);
    return clientId;
  }

  return {
    add(serverGroup, counts) {
      if (counts.length === 0) return;
      const traffic = new Sums<Traffic>(() => ({
        requests: 0,
        clientErrors: 0,
        serverErrors: 0,
        took: [],
        added: [],
      }));
      const outcomes = new Sums<{ requests: number }>(() => ({ requests: 0 }));
      const callers = new Sums<Caller>(() => ({ requests: 0, failed: 0, took: [] }));
      const cells = new Sums<{ requests: number }>(() => ({ requests: 0 }));
      for (const { ms: step } of steps)
        for (const one of counts) {
          const at = bucketOf(one.at, step);
          const code = one.code === 'ok' ? '' : one.code;
          const clientId = toldApart(one.clientId, step, at);
          for (const project of [one.project, ALL_PROJECTS]) {
            addTraffic(traffic.of(step, at, project, serverGroup), one);
            const version = project === ALL_PROJECTS ? 0 : one.version;
            outcomes.of(step, at, project, serverGroup, version, one.status, code).requests += one.count;
            addCaller(callers.of(step, at, project, serverGroup, clientId), one);
          }
          cells.of(step, at, one.project, serverGroup, one.version, one.status, code, clientId).requests += one.count;
        }
      writeAll(database(), { traffic, outcomes, callers, cells });
    },
    forget: () => clients.clear(),
  };
}

function addTraffic(sum: Traffic, { count, status, took, added }: ExchangeCount): void {
  sum.requests += count;
  if (status >= 500) sum.serverErrors += count;
  else if (status >= 400) sum.clientErrors += count;
  sum.took.push(...took);
  sum.added.push(...added);
}

function addCaller(sum: Caller, { count, status, took }: ExchangeCount): void {
  sum.requests += count;
  if (status >= 400) sum.failed += count;
  sum.took.push(...took);
}

function writeAll(
  db: DatabaseSync,
  sums: {
    readonly traffic: Sums<Traffic>;
    readonly outcomes: Sums<{ requests: number }>;
    readonly callers: Sums<Caller>;
    readonly cells: Sums<{ requests: number }>;
  },
): void {
  const addTo = db.prepare(`INSERT INTO count_traffic VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, client_errors = client_errors + excluded.client_errors,
    server_errors = server_errors + excluded.server_errors,
    took = merge_latencies(took, excluded.took), added = merge_latencies(added, excluded.added)`);
  for (const { key, sum } of sums.traffic.values())
    addTo.run(...key, sum.requests, sum.clientErrors, sum.serverErrors, latencyBlob(sum.took), latencyBlob(sum.added));
  const addOutcome = db.prepare(
    'INSERT INTO count_outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests',
  );
  for (const { key, sum } of sums.outcomes.values()) addOutcome.run(...key, sum.requests);
  const addCallers = db.prepare(`INSERT INTO count_callers VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    requests = requests + excluded.requests, failed = failed + excluded.failed, took = merge_latencies(took, excluded.took)`);
  for (const { key, sum } of sums.callers.values())
    addCallers.run(...key, sum.requests, sum.failed, latencyBlob(sum.took));
  const addCell = db.prepare(
    'INSERT INTO count_cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests',
  );
  for (const { key, sum } of sums.cells.values()) addCell.run(...key, sum.requests);
}
