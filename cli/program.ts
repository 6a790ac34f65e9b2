import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, Option } from 'commander';
import type { Clock } from '#core/clock';
import { QuietExit } from './cli-error.ts';
import type { CommandSpec } from './command-spec.ts';
import { EXIT_WORDS } from './exit-code.ts';
import { DAILY_COMMANDS } from './grammar-daily.ts';
import { NOUN_COMMANDS } from './grammar-nouns.ts';
import { SERVER_COMMANDS } from './grammar-server.ts';
import { openSession } from './open-session.ts';
import type { TextStream } from './output.ts';
import { type Check, CommandInput, type DiffSnapshots, type Session } from './session.ts';

/** What the program is made of; what is left out is the process's own. */
export interface ProgramDeps {
  /** Adds the commands that run something on this machine (start, gateway, manager), first in the help. */
  readonly localCommands?: (program: Command) => void;
  /** Further checks of `doctor`. */
  readonly localChecks?: () => Promise<readonly Check[]>;
  /** The manager's diff of two project snapshots, for `apply`. */
  readonly loadDiff?: () => Promise<DiffSnapshots>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly stdin?: AsyncIterable<unknown>;
  /** Whether stdout (and with it stderr) is a terminal. */
  readonly isTty: boolean;
  /** Whether a person is at stdin. Default: as isTty. */
  readonly isStdinTty?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  readonly cwd?: string;
  readonly clock?: Clock;
  /** Is told of each session, so that an error can be shown as the command wants it. */
  readonly onSession?: (session: Session) => void;
}

/** The version of this program. */
export function programVersion(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8'),
  );
  return manifest.version;
}

/** The whole command line. Parsing it throws CommanderError, CliError and QuietExit; `run` makes exit codes of them. */
export function buildProgram(deps: ProgramDeps): Command {
  const program = new Command('gatewright');
  program
    .description('An API gateway, an OAuth 2.0 authorization server and their manager in one program')
    .version(programVersion(), '-V', 'print the version (--version too)')
    .option('--json', 'print one JSON document on stdout; errors as JSON on stderr')
    .option('--yes', 'answer confirmations with yes')
    .option('--server <url>', 'management server (default: GATEWRIGHT_SERVER, else the one of the data directory)')
    .option(
      '--data-dir <dir>',
      'data directory of the server here (default: GATEWRIGHT_DATA_DIR, else ./gatewright-data)',
    )
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void deps.stdout.write(text),
      writeErr: (text) => void deps.stderr.write(text),
      // Said once, in our shape, by `run`.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      ...(deps.columns !== undefined && {
        getOutHelpWidth: () => deps.columns ?? 80,
        getErrHelpWidth: () => deps.columns ?? 80,
      }),
    });
  const add = (parent: Command, spec: CommandSpec) => addCommand(program, parent, { spec, deps });
  const { localCommands } = deps;
  if (localCommands !== undefined) {
    program.commandsGroup('First steps:');
    localCommands(program);
  }
  for (const spec of [...DAILY_COMMANDS, ...NOUN_COMMANDS, ...SERVER_COMMANDS, HELP]) add(program, spec);
  program.addHelpText('after', FOOTER);
  return program;
}

const HELP: CommandSpec = {
  name: 'help',
  arguments: '[topic...]',
  group: 'This machine and the server',
  summary: 'help for a command; `help errors [CODE]`: what a code means, without a server',
  examples: ['gatewright help deploy', 'gatewright help errors token_expired'],
  load: async () => (await import('./commands/help.ts')).help,
};

const FOOTER = `
Examples:
  gatewright start                     run everything on this machine
  gatewright quickstart                make an OAuth-protected API and call it
  gatewright why <request-id>          why a request was refused

Exit codes: ${EXIT_WORDS.map(([code, words]) => `${code} ${words}`).join(' · ')}`;

function addCommand(
  program: Command,
  parent: Command,
  { spec, deps }: { readonly spec: CommandSpec; readonly deps: ProgramDeps },
): void {
  // `gateway` runs one and, as a noun, lists them: its verbs join the local command of that name.
  const there = parent.commands.find((one) => one.name() === spec.name);
  const command = there ?? parent.command(spec.arguments === undefined ? spec.name : `${spec.name} ${spec.arguments}`);
  if (there === undefined) command.description(spec.summary);
  command.helpCommand(false);
  if (there === undefined && spec.group !== undefined) command.helpGroup(`${spec.group}:`);
  for (const { flags, text, isRepeated } of spec.options ?? []) {
    const made = new Option(flags, text);
    if (isRepeated === true)
      made.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
    command.addOption(made);
  }
  const { load, details, examples } = spec;
  if (details !== undefined) command.addHelpText('after', `\n${details}`);
  if (examples !== undefined)
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
  for (const child of spec.commands ?? []) addCommand(program, command, { spec: child, deps });
  if (load === undefined) return;
  command.action(async (...given: unknown[]) => {
    const session = openSession(deps, program, command.optsWithGlobals());
    deps.onSession?.(session);
    const run = await load();
    const exit = await run(session, new CommandInput(given, command.opts()));
    if (exit !== undefined && exit !== 0) throw new QuietExit(exit);
  });
}
