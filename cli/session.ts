import type { Command } from 'commander';
import type { Clock } from '#core/clock';
import type { Change } from '#core/model/deployment';
import type { ProjectSnapshot } from '#core/model/version';
import type { Api } from './api.ts';
import type { Output } from './output.ts';

/** A check of `gatewright doctor`. */
export interface Check {
  readonly name: string;
  /** `skip`: it could not be looked at, for the reason given. */
  readonly outcome: 'pass' | 'warn' | 'fail' | 'skip';
  readonly message: string;
  readonly fixes?: readonly { readonly text: string; readonly command?: string }[];
}

/** The difference between two states of a project in sentences; the composition root hands in the manager's, so that all say the same. */
export type DiffSnapshots = (from: ProjectSnapshot | undefined, to: ProjectSnapshot | undefined) => Change[];

/** What a command works with: one run of the program. */
export interface Session {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly out: Output;
  readonly version: string;
  /** The whole command line, for help and completion. */
  readonly program: Command;
  /** `--yes`: confirmations are answered. */
  readonly isYes: boolean;
  /** True when a person can be asked. */
  readonly isInteractive: boolean;
  /** What is being tried, as words behind "Cannot": set by the command, used by the error. */
  doing: string | undefined;
  /** The management API, made on first use. @throws CliError (usage) when it is named wrongly */
  api(): Promise<Api>;
  /** An API at another address, as of a setup link. */
  apiAt(server: string): Promise<Api>;
  /** All of standard input as text. */
  readStdin(): Promise<string>;
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>;
  loadDiff(): Promise<DiffSnapshots | undefined>;
  /** Checks that only the composition root can make. */
  localChecks(): Promise<readonly Check[]>;
}

/** Positional arguments and options of a command, as commander parsed them. */
export class CommandInput {
  readonly #positional: readonly unknown[];
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(positional: readonly unknown[], options: Readonly<Record<string, unknown>>) {
    this.#positional = positional;
    this.#options = options;
  }

  /** The argument at a place; empty when it was left out. */
  argument(index: number): string {
    const value = this.#positional[index];
    return typeof value === 'string' ? value : '';
  }

  /** The arguments of a variadic place. */
  rest(index: number): readonly string[] {
    const value = this.#positional[index];
    return Array.isArray(value) ? value.map(String) : [];
  }

  text(option: string): string | undefined {
    const value = this.#options[option];
    return typeof value === 'string' ? value : undefined;
  }

  /** The values of an option that may be given several times. */
  texts(option: string): readonly string[] {
    const value = this.#options[option];
    return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
  }

  flag(option: string): boolean {
    return this.#options[option] === true;
  }
}
