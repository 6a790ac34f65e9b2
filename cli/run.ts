import { CommanderError } from 'commander';
import { CliError, QuietExit } from './cli-error.ts';
import { showError } from './error-view.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { createOutput } from './output.ts';
import { buildProgram, type ProgramDeps } from './program.ts';
import type { Session } from './session.ts';

/** What the composition root hands in; the rest is the process's. */
export type RunDeps = Partial<ProgramDeps>;

/**
 * Runs the command line and gives the exit code; throws nothing. Output is written when it resolves, but not necessarily flushed: set
 * `process.exitCode` rather than calling `process.exit`.
 * @param argv arguments without the program's own two
 */
export async function run(argv: readonly string[], given: RunDeps = {}): Promise<ExitCode> {
  let session: Session | undefined;
  const deps: ProgramDeps = {
    ...processDeps(),
    ...given,
    onSession(opened) {
      session = opened;
    },
  };
  stopOnBrokenPipe(deps);
  const program = buildProgram(deps);
  try {
    await program.parseAsync(normalise(argv), { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (error instanceof QuietExit) return error.exit;
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const out = session?.out ?? createOutput({ ...deps, columns: deps.columns, json: argv.includes('--json') });
    const shown = asCliError(error, deps.env);
    // `gatewright project` without a verb: its help has been shown, on stderr.
    if (shown !== undefined) showError(out, shown, session?.doing);
    return shown?.exit ?? EXIT.usage;
  }
}

/** No arguments: the help. `--version` alone is -V, so that commands can have a `--version` of their own. */
function normalise(argv: readonly string[]): string[] {
  if (argv.length === 0) return ['--help'];
  return argv[0] === '--version' ? ['-V', ...argv.slice(1)] : [...argv];
}

function asCliError(error: unknown, env: ProgramDeps['env']): CliError | undefined {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help') return undefined;
    const [sentence = '', ...further] = error.message.replace(/^error: /, '').split('\n');
    return new CliError(sentenceOf(sentence), {
      exit: EXIT.usage,
      lines: further.map((line) => line.replace(/^\((.*)\)$/, '$1')),
      fixes: [{ text: 'See what there is.', command: 'gatewright --help' }],
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  return new CliError(message, {
    lines: env.GATEWRIGHT_LOG_LEVEL === 'debug' ? stack : [],
    fixes: [{ text: 'A mistake in Gatewright? Report it with what GATEWRIGHT_LOG_LEVEL=debug adds here.' }],
    cause: error,
  });
}

function sentenceOf(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function processDeps(): ProgramDeps {
  const { columns } = process.stdout;
  return {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    isTty: process.stdout.isTTY === true && process.stderr.isTTY === true,
    isStdinTty: process.stdin.isTTY === true,
    ...(columns !== undefined && { columns }),
  };
}

/** `gatewright log | head`: the reader went away, which is no error. */
function stopOnBrokenPipe({ stdout }: ProgramDeps): void {
  if (stdout !== process.stdout) return;
  process.stdout.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
