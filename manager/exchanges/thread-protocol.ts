import type { ExchangeStore, Retention } from './exchange-store.ts';
import type { ReportIdentity, TakenReport } from './report.ts';

/** What the thread is started with. */
export interface ThreadData {
  readonly path: string;
  readonly retention: Retention;
}

/** What the thread can be asked, and what it answers. */
export interface Calls extends Omit<ExchangeStore, 'write' | 'takeWarnings' | 'close'> {
  takeReport(text: string, now: number, identity?: ReportIdentity): TakenReport;
}
export type CallName = keyof Calls;

/** A question to the thread. */
export interface Question {
  readonly id: number;
  readonly call: CallName;
  readonly args: readonly unknown[];
}

/** Its answer, with warnings that came up on the way. */
export interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly warnings: readonly string[];
}
