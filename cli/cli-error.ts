import { EXIT, type ExitCode } from './exit-code.ts';

/** A phrase and, where there is one, the command line that does it. */
export interface Help {
  readonly text: string;
  readonly command?: string | undefined;
}

/** What a {@link CliError} says beside its sentence. */
export interface CliErrorExtra {
  /** Stable name of the cause; `help errors CODE` explains it. */
  readonly code?: string;
  readonly exit?: ExitCode;
  /** Further lines: the cause, or one a wrong value. */
  readonly lines?: readonly string[];
  /** Shown under "Do one of these". */
  readonly fixes?: readonly Help[];
  /** HTTP status of the management API's answer. */
  readonly status?: number;
  readonly requestId?: string | undefined;
  /** What the server said of each wrong value. */
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
  /** The sentence says all that `errors` say. */
  readonly isDetailSaid?: boolean;
  readonly cause?: unknown;
}

/** What could not be done, for people and for `--json`. The message is the reason; `doing` (what was tried) is added by the session. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly exit: ExitCode;
  readonly lines: readonly string[];
  readonly fixes: readonly Help[];
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly errors: NonNullable<CliErrorExtra['errors']>;
  readonly isDetailSaid: boolean;

  constructor(message: string, extra: CliErrorExtra = {}) {
    super(message, { cause: extra.cause });
    this.exit = extra.exit ?? EXIT.unexpected;
    this.code = extra.code ?? CODES.get(this.exit) ?? 'unexpected';
    this.lines = extra.lines ?? [];
    this.fixes = extra.fixes ?? [];
    this.status = extra.status;
    this.requestId = extra.requestId;
    this.errors = extra.errors ?? [];
    this.isDetailSaid = extra.isDetailSaid ?? false;
  }
}

/** Wrong arguments: exit code 64. */
export function usageError(message: string, fixes: readonly Help[] = []): CliError {
  return new CliError(message, { exit: EXIT.usage, fixes });
}

/** Ends the program with a code when everything has been said already. */
export class QuietExit extends Error {
  override readonly name = 'QuietExit';
  readonly exit: ExitCode;

  constructor(exit: ExitCode) {
    super(`exit ${exit}`);
    this.exit = exit;
  }
}

const CODES: ReadonlyMap<ExitCode, string> = new Map([
  [EXIT.notFound, 'not_found'],
  [EXIT.refused, 'refused'],
  [EXIT.partly, 'partly_done'],
  [EXIT.notAllowed, 'forbidden'],
  [EXIT.unreachable, 'unreachable'],
  [EXIT.usage, 'usage'],
]);
