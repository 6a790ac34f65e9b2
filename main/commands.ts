import type { Command } from 'commander';
import { QuietExit } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import { addBackupCommands } from './backup/commands.ts';
import type { Config } from './config-schema.ts';
import type { JoinOptions } from './join.ts';

/** Options of the commands that run something here. */
interface LocalOptions {
  readonly dir?: string;
  readonly dataDir?: string;
  readonly port?: string;
  readonly gatewayPort?: string;
  readonly workers?: string;
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly json?: boolean;
  readonly name?: string;
  readonly join?: string;
  readonly token?: string;
  readonly tokenFile?: string;
}

/** Adds `start`, `gateway`, `manager`, `backup` and `restore`: the commands that run something on this machine. */
export function addLocalCommands(program: Command): void {
  withOptions(program.command('start'), 'port', 'gatewayPort')
    .description('run manager and gateway on this machine; prints where they listen')
    .addHelpText(
      'after',
      '\nWith --json one line {"console","gateway","setup"} is printed when both are ready. SIGTERM drains and stops, SIGHUP replaces the workers.',
    )
    .action(async (_options: unknown, command: Command) => {
      const prepared = await prepare(command.optsWithGlobals());
      if (prepared !== undefined) await (await import('./start.ts')).start(prepared);
    });
  withOptions(program.command('gateway'), 'gatewayPort')
    .description('run a gateway alone; it follows the manager of the data directory, or one that it joined')
    .option('--name <name>', 'name of this gateway (GATEWRIGHT_NAME)')
    .option('--join <url>', 'join the manager at this address, e.g. https://manager.internal:9003; needed once')
    .option('--token-file <file>', 'join token, in a file')
    .option('--token <token>', 'join token; -: from stdin (or GATEWRIGHT_JOIN_TOKEN). Others see a command line')
    .addHelpText(
      'after',
      '\nExample:\n  gatewright gateway --join https://manager.internal:9003 --token-file edge.token',
    )
    .action(async (_options: unknown, command: Command) => {
      const options: LocalOptions = command.optsWithGlobals();
      const prepared = await prepare(options);
      if (prepared !== undefined) await (await import('./start.ts')).startGateway(prepared, await joinOf(options));
    });
  withOptions(program.command('manager'), 'port')
    .description('run the manager alone')
    .action(async (_options: unknown, command: Command) => {
      const prepared = await prepare(command.optsWithGlobals());
      if (prepared !== undefined) await (await import('./start.ts')).startManager(prepared);
    });
  addBackupCommands(program, prepare);
}

/** With which manager to join, when that is asked for. */
async function joinOf({ join, token, tokenFile }: LocalOptions): Promise<JoinOptions | undefined> {
  const { env, stdin, stderr } = process;
  const source = { env: { GATEWRIGHT_JOIN_TOKEN: env.GATEWRIGHT_JOIN_TOKEN }, token, tokenFile, stdin };
  if (join === undefined) return undefined;
  const { readJoinToken } = await import('./join.ts');
  return {
    manager: join,
    token: () => readJoinToken({ ...source, warn: (text) => void stderr.write(`! ${text}\n`) }),
  };
}

/** A configuration that was read, and the environment in which a child reads the same. */
export interface Prepared {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly json: boolean;
}

function withOptions(command: Command, ...ports: readonly ('port' | 'gatewayPort')[]): Command {
  command
    .option('--dir <folder>', 'data directory (GATEWRIGHT_DATA_DIR, default ./gatewright-data)')
    .option('--config <file>', 'settings in YAML (GATEWRIGHT_CONFIG_FILE, default ./gatewright.yaml when it exists)')
    .option('--workers <n>', 'gateway workers; 0: one a core')
    .option('--print-config', 'show the configuration that holds, with secrets masked, and end');
  if (ports.includes('port')) command.option('--port <n>', 'port of the management API; 0: any free one');
  if (ports.includes('gatewayPort')) command.option('--gateway-port <n>', 'port of the gateway; 0: any free one');
  return command.helpGroup('First steps:');
}

/** Reads the configuration. Prints it, or what is wrong with it, and gives undefined when that was all. */
async function prepare(options: LocalOptions): Promise<Prepared | undefined> {
  const { ConfigErrors, environmentOf, maskConfig, readConfig } = await import('./config.ts');
  const given = {
    dataDir: options.dir ?? options.dataDir,
    'manager.port': options.port,
    'gateway.port': options.gatewayPort,
    workers: options.workers,
    name: options.name,
  };
  const env = {
    ...process.env,
    ...environmentOf(given),
    ...(options.config === undefined ? {} : { GATEWRIGHT_CONFIG_FILE: options.config }),
  };
  try {
    const config = readConfig({ env });
    if (options.printConfig !== true) return { config, env, json: options.json === true };
    process.stdout.write(`${JSON.stringify(maskConfig(config), undefined, 2)}\n`);
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    const json = { code: 'configuration_invalid', title: 'The configuration has errors.', errors: error.problems };
    process.stderr.write(
      options.json === true
        ? `${JSON.stringify(json)}\n`
        : `✖ ${error.message}\n\nEvery setting is in docs/configuration.md.\n\ncode configuration_invalid · exit 64\n`,
    );
    throw new QuietExit(EXIT.usage);
  }
  return undefined;
}
