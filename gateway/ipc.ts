import type { CounterAsk, CounterGrant } from '#core/counter-store';
import type { MetricsSnapshot } from '#core/metrics';
import type { GatewayReport } from '#core/model/exchange-record';
import type { OwnerAnswer, OwnerQuestion } from '#core/owner-question';
import type { Changed } from './replica.ts';

// What the gateway's primary and its workers say to each other, over the channel that node:cluster opens between them.

/** 0: enough. 1: successes are not recorded. 2: refusals neither. 3: no token is issued (decision 36). */
export type StorageLevel = 0 | 1 | 2 | 3;

/** How much room the disk has. */
export interface StorageState {
  readonly level: StorageLevel;
  readonly freeBytes: number;
}

/** What a worker must know to begin. */
export interface WorkerStart {
  readonly type: 'start';
  readonly replicaFile: string;
  readonly host: string;
  readonly port: number;
  readonly gatewayId: string;
  readonly gatewayName: string;
  readonly serverGroup: string;
  /** Listen though there is nothing to serve yet: no other worker serves either, so a clear 503 beats a refused connection. */
  readonly mayListenEmpty: boolean;
  readonly storage: StorageState;
  /** File of the key that opens what the manager sealed to this gateway. */
  readonly letterKeyFile: string;
  /** The gateway joined: what else lies in its data directory is its own, not the manager's. */
  readonly isJoined: boolean;
}

/** From the primary to a worker. */
export type ToWorker =
  | WorkerStart
  /** The replica changed up to `seq`. */
  | { readonly type: 'changed'; readonly seq: number; readonly changed: Changed }
  /** The manager was heard, and everything it has is in the replica. */
  | { readonly type: 'heard' }
  /** The replica's file is another one now: open it again. */
  | { readonly type: 'reopen' }
  | { readonly type: 'storage'; readonly storage: StorageState }
  | { readonly type: 'metrics'; readonly request: number }
  /** Whether a ticket that the worker asked about is used for the first time. */
  | { readonly type: 'ticket'; readonly id: string; readonly isFresh: boolean }
  /** What the manager says of a resource owner; `answer` left out: nothing, `problem` says why. */
  | {
      readonly type: 'owner-answer';
      readonly id: number;
      readonly answer: OwnerAnswer | undefined;
      readonly problem: string;
    }
  /** What a worker may let through; `grants` left out: nothing is known, `problem` says why. */
  | {
      readonly type: 'counters';
      readonly id: number;
      readonly grants: readonly CounterGrant[] | undefined;
      readonly problem: string;
    }
  /** Finish what is under way and exit. */
  | { readonly type: 'drain' };

/** A deployment that does not compile. */
export type RefusedDeployment = GatewayReport['refused'][number];

/** What a worker has gathered for the manager. */
export type ReportBatch = Pick<GatewayReport, 'records' | 'counts' | 'dropped' | 'secretsUsed'>;

/** From a worker to the primary. */
export type ToPrimary =
  /** Its code is loaded: `start` may be sent. */
  | { readonly type: 'awake' }
  /** It listens. */
  | { readonly type: 'listening' }
  /** Its settings or its data keep it from starting; it exits next. */
  | { readonly type: 'failed'; readonly message: string }
  /** It cannot listen; it exits next. */
  | { readonly type: 'cannot-listen'; readonly problem: string }
  /** It took the replica as of `seq`; `refused` is what it could not, and then it serves what it had. */
  | {
      readonly type: 'applied';
      readonly seq: number;
      readonly refused: readonly RefusedDeployment[];
      /** True when it has a configuration to serve. */
      readonly isServing: boolean;
    }
  | { readonly type: 'batch'; readonly batch: ReportBatch }
  | {
      readonly type: 'heartbeat';
      readonly sizes: Readonly<Record<string, number>>;
      /** How long it has heard of no revocation, when that is longer than promised. */
      readonly staleForMs: number | undefined;
      /** Processor time so far, ms. */
      readonly cpuMs: number;
      readonly memoryBytes: number;
    }
  | { readonly type: 'metrics'; readonly request: number; readonly snapshot: MetricsSnapshot }
  /** May a ticket be used? */
  | { readonly type: 'ticket'; readonly id: string; readonly at: number; readonly endsAt: number }
  /** Asks the manager about a resource owner. */
  | { readonly type: 'owner-question'; readonly id: number; readonly question: OwnerQuestion }
  /** Counts calls, and asks for more that it may let through. */
  | { readonly type: 'counters'; readonly id: number; readonly asks: readonly CounterAsk[] }
  /** It met a damaged row. */
  | { readonly type: 'replica-damaged'; readonly problem: string }
  /** Somebody sent it SIGTERM: it asks to be replaced, then drained. */
  | { readonly type: 'asks-to-stop' }
  /** Nothing is under way any more; these are its last numbers. */
  | { readonly type: 'drained'; readonly snapshot: MetricsSnapshot };
