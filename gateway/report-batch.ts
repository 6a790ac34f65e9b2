import { mergePairs } from '#core/latency-histogram';
import { type ExchangeCount, OTHER_CLIENTS } from '#core/model/exchange-count';
import type { ExchangeRecord } from '#core/model/exchange-record';
import type { ReportBatch } from './ipc.ts';
import type { SecretUse } from './registry.ts';

/** Most records in one batch; a report has at most 5 000. */
export const BATCH_RECORDS = 1000;
/** Most different counts, drops and secrets in one batch. */
const BATCH_ROWS = 5000;

/** What exchanges leave behind: records of some, exact counts of all. */
export interface ExchangeBatch {
  readonly records: readonly ExchangeRecord[];
  readonly counts: readonly ExchangeCount[];
  readonly dropped: readonly ReportBatch['dropped'][number][];
}

/** Gathers what goes to the manager, within bounds: what is too much is counted. */
export interface BatchCollector {
  add(batch: ExchangeBatch): void;
  /** @param uses how often since it was said last */
  secretUsed(use: SecretUse, uses?: number): void;
  /** What was gathered, as much as fits into one batch, oldest first; undefined: nothing. */
  take(): ReportBatch | undefined;
  readonly isEmpty: boolean;
}

/** Makes a collector that holds at most `bounds.records` records and `bounds.rows` different counts. */
export function createBatchCollector(bounds: { readonly records: number; readonly rows: number }): BatchCollector {
  const records: ExchangeRecord[] = [];
  const counts = new Map<string, ExchangeCount>();
  const dropped = new Map<string, ReportBatch['dropped'][number]>();
  const secrets = new Map<string, ReportBatch['secretsUsed'][number]>();

  const record = (one: ExchangeRecord): void => {
    if (records.length < bounds.records) records.push(one);
    else drop({ code: one.code ?? '', project: one.project ?? '', count: 1 });
  };
  const count = (one: ExchangeCount): void => {
    const { at, project, version, status, code, clientId } = one;
    const key = `${at} ${project} ${version} ${status} ${code} ${clientId}`;
    const known = counts.get(key);
    if (known !== undefined) {
      counts.set(key, {
        ...one,
        count: known.count + one.count,
        took: mergePairs(known.took, one.took),
        added: mergePairs(known.added, one.added),
      });
    } else if (counts.size < bounds.rows || (isOneOfFew(clientId) && counts.size < bounds.rows * 2)) {
      counts.set(key, one);
    } else if (!isOneOfFew(clientId)) {
      count({ ...one, clientId: OTHER_CLIENTS }); // without the client they are few, and the sum stays exact
    }
  };
  const drop = (one: ReportBatch['dropped'][number]): void => {
    const key = `${one.code} ${one.project}`;
    const known = dropped.get(key);
    if (known !== undefined || dropped.size < bounds.rows)
      dropped.set(key, { ...one, count: (known?.count ?? 0) + one.count });
  };

  const isEmpty = (): boolean => records.length + counts.size + dropped.size + secrets.size === 0;

  return {
    add(batch) {
      for (const one of batch.records) record(one);
      for (const one of batch.counts) count(one);
      for (const one of batch.dropped) drop(one);
    },
    secretUsed({ secretId, at, address }, uses = 1) {
      const known = secrets.get(secretId);
      if (known === undefined) {
        if (secrets.size < bounds.rows) secrets.set(secretId, { secretId, at, address, uses });
        return;
      }
      const newest = known.at <= at ? { at, address } : { at: known.at, address: known.address };
      secrets.set(secretId, { secretId, ...newest, uses: known.uses + uses });
    },
    take() {
      if (isEmpty()) return undefined;
      return {
        records: records.splice(0, BATCH_RECORDS),
        counts: takeRows(counts),
        dropped: takeRows(dropped),
        secretsUsed: takeRows(secrets),
      };
    },
    get isEmpty() {
      return isEmpty();
    },
  };
}

function isOneOfFew(clientId: string): boolean {
  return clientId === '' || clientId === OTHER_CLIENTS;
}

/** Takes the oldest rows out of a map, as many as a batch may have. */
function takeRows<Row>(rows: Map<string, Row>): Row[] {
  const taken: Row[] = [];
  for (const [key, row] of rows) {
    if (taken.length === BATCH_ROWS) break;
    taken.push(row);
    rows.delete(key);
  }
  return taken;
}
