import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { systemClock } from '#core/clock';
import type { Api } from './api.ts';
import { createOutput } from './output.ts';
import { type ProgramDeps, programVersion } from './program.ts';
import type { Session } from './session.ts';

/** Makes the session of one command from what the program was given and the global options. */
export function openSession(deps: ProgramDeps, program: Command, options: Readonly<Record<string, unknown>>): Session {
  const { env, isTty } = deps;
  const json = options.json === true;
  const out = createOutput({ stdout: deps.stdout, stderr: deps.stderr, isTty, columns: deps.columns, json, env });
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const open = async (server: string | undefined, dataDir: string | undefined): Promise<Api> => {
    const [{ createApi }, { isExposed, serverPlace }] = await Promise.all([
      import('./api.ts'),
      import('./server-place.ts'),
    ]);
    const place = serverPlace(env, { server, dataDir });
    if (isExposed(place))
      out.warn('The server is reached over plain HTTP: the key and all answers can be read on the way.');
    return createApi(place);
  };
  let api: Promise<Api> | undefined;
  return {
    env,
    cwd: deps.cwd ?? process.cwd(),
    clock: deps.clock ?? systemClock,
    out,
    version: programVersion(),
    program,
    isYes: options.yes === true,
    isInteractive: isTty && (deps.isStdinTty ?? isTty) && !json,
    doing: undefined,
    api: () => (api ??= open(text(options.server), text(options.dataDir))),
    apiAt: (server) => open(server, undefined),
    async readStdin() {
      const chunks: string[] = [];
      for await (const chunk of deps.stdin ?? process.stdin) chunks.push(String(chunk));
      return chunks.join('');
    },
    sleep: (ms) => sleep(ms),
    loadDiff: async () => deps.loadDiff?.(),
    localChecks: async () => (await deps.localChecks?.()) ?? [],
  };
}
