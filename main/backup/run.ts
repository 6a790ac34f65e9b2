import { CliError, usageError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import { createOutput, type Output } from '#cli/output';
import { systemClock } from '#core/clock';
import { ConfigurationError, UnavailableError } from '#core/errors';
import { ProblemError } from '#core/problem';
import { createLogger } from '#telemetry/logger';
import type { Prepared } from '../commands.ts';
import type { BackupOptions } from './commands.ts';
import { showBackedUp, showRestored } from './view.ts';

async function runBackup({ config, json }: Prepared, { to, withoutTokens = false }: BackupOptions): Promise<void> {
  if (to === undefined) throw usageError('Say where to: --to FILE or --to FOLDER.');
  const { backUp } = await import('./back-up.ts');
  await shown(json, async (out, common) => showBackedUp(out, await backUp({ ...common, config, to, withoutTokens })));
}

async function runRestore({ config, json }: Prepared, options: BackupOptions): Promise<void> {
  const { from, keepTokens = false, withoutTokens = false, replace = false } = options;
  if (from === undefined) throw usageError('Say what from: --from FILE.');
  if (keepTokens && withoutTokens) throw usageError('--keep-tokens and --without-tokens exclude each other.');
  const { restore } = await import('./restore.ts');
  await shown(json, async (out, common) =>
    showRestored(out, await restore({ ...common, config, from, keepTokens, withoutTokens, replace })),
  );
}

/** What the commands do. */
export const runs = { backup: runBackup, restore: runRestore };

interface Common {
  readonly clock: typeof systemClock;
  readonly logger: ReturnType<typeof createLogger>;
  say(text: string): void;
}

async function shown(json: boolean, work: (out: Output, common: Common) => Promise<void>): Promise<void> {
  const { stdout, stderr, env } = process;
  const isTty = stdout.isTTY === true && stderr.isTTY === true;
  const out = createOutput({ stdout, stderr, isTty, columns: stdout.columns, json, env });
  const waiting = await out.wait('opening');
  const logger = createLogger({ level: 'error', name: 'backup' });
  try {
    await work(out, { clock: systemClock, logger, say: (text) => waiting.say(text) });
  } catch (error) {
    throw asCliError(error);
  } finally {
    waiting.stop();
  }
}

function asCliError(error: unknown): unknown {
  if (error instanceof ConfigurationError) return new CliError(error.message, { exit: EXIT.refused, cause: error });
  if (error instanceof UnavailableError || (error instanceof ProblemError && error.code === 'unavailable'))
    return new CliError(error.message, { exit: EXIT.unreachable, cause: error });
  // Of the system: no space, no right, no such folder.
  if (error instanceof Error && 'syscall' in error) return new CliError(`${error.message}.`, { cause: error });
  return error;
}
