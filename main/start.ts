import { createLogger } from '#telemetry/logger';
import type { Prepared } from './commands.ts';
import { keepUntilSignal } from './signals.ts';
import { type Started, supervise } from './supervisor.ts';

/** `gatewright start`: runs until SIGTERM or SIGINT. Prints where it listens, or why it could not start. */
export async function start({ config, env, json }: Prepared): Promise<void> {
  process.title = 'gatewright supervisor';
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
    process.stderr.write(
      `✖ Gatewright could not start: ${error instanceof Error ? error.message : 'unknown error'}\n\ncode start_failed · exit 1 · gatewright doctor\n`,
    );
    process.exit(1);
  }
}

/** `gatewright gateway`: the gateway's primary in this process. */
export async function startGateway({ config, env, json }: Prepared): Promise<void> {
  Object.assign(process.env, env);
  const { runGatewayPrimary } = await import('./gateway-primary.ts');
  await runGatewayPrimary(config, ({ address, adminAddress }) => {
    process.stdout.write(
      json
        ? `${JSON.stringify({ gateway: address, admin: adminAddress })}\n`
        : `Gateway  ${address}\nAdmin    ${adminAddress}\n`,
    );
  });
}

/** `gatewright manager`: the manager in this process. */
export async function startManager({ config, env, json }: Prepared): Promise<void> {
  Object.assign(process.env, env);
  const { runManager } = await import('./manager-process.ts');
  await runManager(config, ({ address, setup, adminAddress }) => {
    process.stdout.write(
      json
        ? `${JSON.stringify({ console: address, setup: setup ?? null, admin: adminAddress })}\n`
        : `Management API  ${address}\nAdmin           ${adminAddress}\n${setup === undefined ? '' : `Set up          ${setup}\n`}`,
    );
  });
}

function describe({ console: address, gateway, setup }: Started): string {
  const lines = [
    'Gatewright is running.',
    '',
    `  Management API  ${address}/api/v1`,
    `  Gateway         ${gateway}`,
    ...(setup === undefined ? [] : [`  Set up          ${setup}  (once, within 24 h)`]),
    '',
    'Next, in a second terminal:',
    '  bin/gatewright quickstart   make an OAuth-protected API and call it',
    '  bin/gatewright status       what runs',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
