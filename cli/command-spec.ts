import type { ExitCode } from './exit-code.ts';
import type { CommandInput, Session } from './session.ts';

/** Carries out a command. What it gives is the exit code; nothing is 0. */
export type Run = (session: Session, input: CommandInput) => Promise<ExitCode | undefined>;

/** An option: flags and value as commander writes them, and what it does. */
export interface OptionSpec {
  readonly flags: string;
  readonly text: string;
  /** May be given several times. */
  readonly isRepeated?: boolean;
}

/**
 * A command, as data: what help, completion, the reference and the parser are made of. What carries it out is loaded when it is asked
 * for, so that `--help` and every other command start at once.
 */
export interface CommandSpec {
  readonly name: string;
  /** Arguments as commander writes them: `<project>`, `[field=value...]`. */
  readonly arguments?: string;
  readonly summary: string;
  /** Under which heading of the help it stands. */
  readonly group?: string;
  /** Further help behind the options. */
  readonly details?: string;
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly string[];
  /** Loads what carries it out; left out for a noun, which has verbs. */
  readonly load?: () => Promise<Run>;
  readonly commands?: readonly CommandSpec[];
}

/** An option of a spec. */
export const option = (flags: string, text: string): OptionSpec => ({ flags, text });
/** An option that may be given several times. */
export const options = (flags: string, text: string): OptionSpec => ({ flags, text, isRepeated: true });
