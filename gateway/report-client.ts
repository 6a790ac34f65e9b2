import type { GatewayReport } from '#core/model/exchange-record';
import type { ManagerLink } from './manager-link.ts';

/** Longest wait for the manager's answer to a report. */
const ANSWER_TIMEOUT_MS = 5000;

/** What became of a report. `refused`: the manager will never take it, so it is not sent again. `away`: try later. */
export type ReportOutcome =
  | { readonly state: 'taken' }
  | { readonly state: 'refused'; readonly problem: string }
  | { readonly state: 'away'; readonly problem: string };

/** Sends reports to the manager, on one connection. */
export interface ReportClient {
  send(report: GatewayReport): Promise<ReportOutcome>;
}

/** Makes a client. */
export function createReportClient(link: ManagerLink): ReportClient {
  return {
    send: (report) =>
      new Promise((resolve) => {
        const body = JSON.stringify(report);
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        const request = link.request({ method: 'POST', path: '/internal/v1/reports', headers, isKept: true });
        request.setTimeout(ANSWER_TIMEOUT_MS, () => request.destroy(new Error('The manager did not answer a report.')));
        request.on('error', (error) => resolve({ state: 'away', problem: error.message }));
        request.on('response', (response) => {
          response.resume();
          response.on('error', (error) => resolve({ state: 'away', problem: error.message }));
          response.on('end', () => resolve(outcomeOf(response.statusCode ?? 0)));
        });
        request.end(body);
      }),
  };
}

function outcomeOf(status: number): ReportOutcome {
  if (status >= 200 && status < 300) return { state: 'taken' };
  const problem = `The manager answered a report with ${status}.`;
  // 410, removed: nothing will be taken until it joins anew; what there is waits for that
  const isRefused = status === 400 || status === 413 || status === 422;
  return { state: isRefused ? 'refused' : 'away', problem };
}
