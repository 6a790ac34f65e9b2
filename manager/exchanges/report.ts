import { type GatewayReport, gatewayReport } from '#core/model/exchange-record';
import type { ExchangeStore } from './exchange-store.ts';

/** A report without what the exchange store took from it. */
export type ReportHead = Omit<GatewayReport, 'records' | 'counts' | 'dropped'>;

/** Who sent a report, when its certificate says so: what the report says of that does not count. */
export type ReportIdentity = Pick<ReportHead, 'gatewayId' | 'name' | 'serverGroup'>;

/** What became of a report. */
export type TakenReport =
  /** `stored` false: repeated, taken before. `failure`: the head counts, its records could not be written; the gateway sends them again. */
  | {
      readonly ok: true;
      readonly head: ReportHead;
      readonly stored: boolean;
      readonly failure: string | undefined;
      /** How many records are new and when the newest of them began (0: none); undefined: nothing came, not even counts. */
      readonly news: { readonly recorded: number; readonly newestAt: number } | undefined;
    }
  | { readonly ok: false; readonly problem: string };

/** Parses a report and stores its records and counts once. Runs in the store's thread: reports can be large. */
export function takeReport(
  store: ExchangeStore,
  text: string,
  { now, identity }: { readonly now: number; readonly identity: ReportIdentity | undefined },
): TakenReport {
  const said = parseReport(text);
  if (typeof said === 'string') return { ok: false, problem: said };
  const parsed = identity === undefined ? said : asSentBy(said, identity);
  const { records, counts, dropped, ...head } = parsed;
  // A mere heartbeat costs no transaction.
  if (records.length + counts.length + dropped.length + head.secretsUsed.length === 0)
    return { ok: true, head, stored: true, failure: undefined, news: undefined };
  try {
    const { gatewayId, serverGroup, batchId, secretsUsed } = head;
    const batch = { gatewayId, serverGroup, batchId, records, counts, dropped, secretsUsed };
    const stored = store.write(batch, now);
    const newestAt = records.reduce((newest, { at }) => Math.max(newest, at), 0);
    const news = stored ? { recorded: records.length, newestAt } : undefined;
    return { ok: true, head, stored, failure: undefined, news };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { ok: true, head, stored: false, failure, news: undefined };
  }
}

/** The report with its sender as its certificate says, in every record too. */
function asSentBy(report: GatewayReport, identity: ReportIdentity): GatewayReport {
  const { gatewayId, name: gateway, serverGroup } = identity;
  return {
    ...report,
    ...identity,
    records: report.records.map((record) => ({ ...record, gatewayId, gateway, serverGroup })),
  };
}

function parseReport(text: string): GatewayReport | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'The report is not JSON.';
  }
  const { success, data, error } = gatewayReport.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  return `The report is not valid at /${issue?.path.join('/')}: ${issue?.message}`;
}
