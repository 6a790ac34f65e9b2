import { EXIT, type ExitCode } from '#cli/exit-code';
import { ConfigurationError } from '#core/errors';
import { JoinError } from '#gateway/membership/join';
import { createLogger } from '#telemetry/logger';
import type { Prepared } from './commands.ts';
import type { JoinOptions } from './join.ts';
import { keepUntilSignal } from './signals.ts';
import { type Started, supervise } from './supervisor.ts';

/** `gatewright start`: runs until SIGTERM or SIGINT. Prints where it listens, or why it could not start. */
export async function start({ config, env, json }: Prepared): Promise<void> {
  process.title = 'gatewright supervisor';
  // On a terminal only what needs a look; the log proper is for files and collectors.
  if (process.stderr.isTTY === true && config.log.level === 'info') env.GATEWRIGHT_LOG_LEVEL = 'warn';
  const logger = createLogger({ level: config.log.level, name: 'supervisor' });
  const supervisor = supervise(config, env, logger);
  keepUntilSignal({ stop: () => supervisor.stop(), reload: () => supervisor.rollingRestart() });
  try {
    const started = await supervisor.started;
    process.stdout.write(
      json ? `${JSON.stringify({ ...started, setup: started.setup ?? null })}\n` : describe(started),
    );
  } catch (error) {
    await supervisor.stop();
    fail(`Gatewright could not start: ${error instanceof Error ? error.message : 'unknown error'}`, json);
  }
}

/** `gatewright gateway`: the gateway's primary in this process. */
export async function startGateway({ config, env, json }: Prepared, join?: JoinOptions): Promise<void> {
  Object.assign(process.env, env);
  // Workers inherit the environment, and need no token.
  delete process.env.GATEWRIGHT_JOIN_TOKEN;
  const { runGatewayPrimary } = await import('./gateway-primary.ts');
  const onReady = ({ address, adminAddress }: { readonly address: string; readonly adminAddress: string }) => {
    process.stdout.write(
      json
        ? `${JSON.stringify({ gateway: address, admin: adminAddress })}\n`
        : `Gateway  ${address}\nAdmin    ${adminAddress}\n`,
    );
  };
  await runGatewayPrimary(config, onReady, join).catch((error: unknown) => {
    if (error instanceof JoinError) failJoin(error, json);
    failExpected('The gateway', error, json);
  });
}

/** `gatewright manager`: the manager in this process. */
export async function startManager({ config, env, json }: Prepared): Promise<void> {
  Object.assign(process.env, env);
  const { runManager } = await import('./manager-process.ts');
  const running = runManager(config, ({ address, setup, adminAddress }) => {
    process.stdout.write(
      json
        ? `${JSON.stringify({ console: address, setup: setup ?? null, admin: adminAddress })}\n`
        : `Management API  ${address}\nAdmin           ${adminAddress}\n${setup === undefined ? '' : `Set up          ${setup}\n`}`,
    );
  });
  await running.catch((error: unknown) => failExpected('The manager', error, json));
}

const JOIN_EXITS: Readonly<Record<JoinError['code'], ExitCode>> = {
  token_malformed: EXIT.usage,
  join_token_wrong: EXIT.notAllowed,
  manager_unknown: EXIT.notAllowed,
  unreachable: EXIT.unreachable,
  refused: EXIT.refused,
};

function failJoin({ code, message }: JoinError, json: boolean): never {
  const exit = JOIN_EXITS[code];
  const title = `The gateway did not join: ${message}`;
  process.stderr.write(
    json ? `${JSON.stringify({ code, exit, title })}\n` : `✖ ${title}\n\ncode ${code} · exit ${exit}\n`,
  );
  process.exit(exit);
}

/** Ends with what is wrong with the settings or the data; anything else is a mistake of ours, and told as one. */
function failExpected(who: string, error: unknown, json: boolean): void {
  if (!(error instanceof ConfigurationError)) throw error;
  fail(`${who} could not start: ${error.message}`, json);
}

function fail(title: string, json: boolean): never {
  process.stderr.write(
    json
      ? `${JSON.stringify({ code: 'start_failed', exit: 1, title })}\n`
      : `✖ ${title}\n\ncode start_failed · exit 1 · gatewright doctor\n`,
  );
  process.exit(1);
}

function describe({ console: address, gateway, setup }: Started): string {
  const lines = [
    'Gatewright is running.',
    '',
    `  Console         ${address}`,
    `  Management API  ${address}/api/v1`,
    `  Gateway         ${gateway}`,
    ...(setup === undefined
      ? []
      : [`  Set up          ${setup}`, '                  open this once, within 24 h: the first administrator']),
    '',
    setup === undefined ? 'In a second terminal:' : 'Or, in a second terminal:',
    '  bin/gatewright quickstart   make an OAuth-protected API and call it',
    '  bin/gatewright status       what runs',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
