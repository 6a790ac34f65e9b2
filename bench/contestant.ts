import type { LoadRequest } from './load.ts';
import type { Prerequisites } from './prerequisite.ts';

/** The works whose requests are loaded. */
export type WorkName = 'plain' | 'verified' | 'tokens' | 'introspection' | 'code' | 'refresh';

/** What a contestant is started with. */
export interface StartContext {
  /** Its own folder; one that was used before is a second start. */
  readonly dir: string;
  /** The core that it is pinned to; undefined leaves it free. */
  readonly core: number | undefined;
  /** `http://127.0.0.1:<port>` of the upstream. */
  readonly upstream: string;
  /** Tokens that verified calls rotate through. */
  readonly tokens: number;
  /** The Gatewright command. */
  readonly bin: string;
}

/** A contestant that answers. */
export interface Running {
  /** The root of its process tree. */
  readonly pid: number;
  /** Its gateway workers, where it has such. */
  workerPids?(): readonly number[];
  readonly requests: Readonly<Partial<Record<WorkName, LoadRequest>>>;
  /** Requests that must be refused with 401, or the work is not what it says. */
  readonly refusals?: Readonly<Partial<Record<WorkName, LoadRequest>>>;
  /** How many times as long as others it is warmed up; for what compiles itself while it runs. */
  readonly warmTimes?: number;
  /** From its launch to the first right answer. */
  readonly firstAnswerMs: number;
  /** From its launch to its word that it is ready, where it gives one. */
  readonly readyMs?: number;
  close(): Promise<void>;
}

/** Something that can be measured. */
export interface Contestant {
  readonly name: string;
  /** What it is, in a few words. */
  readonly about: string;
  readonly works: readonly WorkName[];
  /** Gets what it needs. @throws with the reason when it cannot be had. */
  prepare(prerequisites: Prerequisites, bin: string): Promise<void>;
  /** Starts it and waits for its first right answer. @throws when there is none. */
  open(context: StartContext): Promise<Running>;
}
