import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';

// OAuth clients that others wrote, in their languages: each is a small program around a library, made ready once and kept in a cache.

const run = promisify(execFile);
const here = import.meta.dirname;
const cache = path.join(here, '../../node_modules/.cache/gatewright-clients');
/** Downloads and compilers take their time on two busy cores. */
const BUILD_MS = 280_000;

/** The programs, by the library that they are about. */
export const PROGRAMS = ['authlib', 'requests-oauthlib', 'golang-oauth2', 'nimbus'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

interface Build {
  /** Folder of the sources, beside this file. */
  readonly sources: string;
  /** Makes what the program needs in `folder`, where a copy of the sources lies already. */
  build(folder: string): Promise<unknown>;
}

const python: Build = {
  sources: 'python',
  async build(folder) {
    await command('python3', ['-m', 'venv', path.join(folder, 'venv')]);
    const pip = ['install', '--quiet', '--disable-pip-version-check', '-r', path.join(folder, 'requirements.txt')];
    await command(path.join(folder, 'venv/bin/pip'), pip);
  },
};
const go: Build = {
  sources: 'go',
  build: (folder) => command('go', ['build', '-o', 'client', '.'], { cwd: folder, GOTOOLCHAIN: 'local' }),
};
const java: Build = {
  sources: 'java',
  async build(folder) {
    const jars = path.join(folder, 'jars');
    const copy = ['-q', '-B', '-f', path.join(folder, 'pom.xml'), 'dependency:copy-dependencies'];
    await command('mvn', [...copy, `-DoutputDirectory=${jars}`]);
    const sources = path.join(folder, 'NimbusClient.java');
    await command('javac', ['-nowarn', '-cp', `${jars}/*`, '-d', path.join(folder, 'classes'), sources]);
  },
};

const programs: Readonly<Record<ProgramName, { readonly build: Build; command(folder: string): string[] }>> = {
  authlib: {
    build: python,
    command: (folder) => [path.join(folder, 'venv/bin/python'), path.join(folder, 'authlib_client.py')],
  },
  'requests-oauthlib': {
    build: python,
    command: (folder) => [path.join(folder, 'venv/bin/python'), path.join(folder, 'requests_oauthlib_client.py')],
  },
  'golang-oauth2': { build: go, command: (folder) => [path.join(folder, 'client')] },
  nimbus: {
    build: java,
    command: (folder) => [
      'java',
      '-cp',
      `${path.join(folder, 'classes')}:${path.join(folder, 'jars')}/*`,
      'NimbusClient',
    ],
  },
};

/** What a program answers: what its library gave, or the error that it raised. */
export type ProgramAnswer =
  | { readonly ok: true; readonly result: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly error: string; readonly detail: string };

/** A program that runs. */
export interface ClientProgram extends AsyncDisposable {
  /** Has it do something; gives whatever comes of it. */
  ask(action: string, parameters?: Readonly<Record<string, unknown>>): Promise<ProgramAnswer>;
  /** Has it do something that must work. */
  must(action: string, parameters?: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>>;
}

/** What a client in this process does, by action. */
export type Actions = Readonly<
  Record<string, (given: Record<string, string>) => Promise<Readonly<Record<string, unknown>> | object>>
>;

/** A client of this process, driven like the programs. */
export function inProcess(actions: Actions): ClientProgram {
  const ask: ClientProgram['ask'] = async (action, parameters = {}) => {
    try {
      const result = await actions[action]?.(parameters as Record<string, string>);
      return { ok: true, result: result as Readonly<Record<string, unknown>> };
    } catch (thrown) {
      const { error, name, message } = thrown as { error?: string; name: string; message: string };
      return { ok: false, error: error ?? name, detail: message };
    }
  };
  return { ask, must: mustOf(ask, 'the client'), async [Symbol.asyncDispose]() {} };
}

function mustOf(ask: ClientProgram['ask'], name: string): ClientProgram['must'] {
  return async (action, parameters) => {
    const answer = await ask(action, parameters);
    if (!answer.ok) throw new Error(`${name}, ${action}: ${answer.error}: ${answer.detail}`);
    return answer.result;
  };
}

/** Starts a program, made ready before when it is not. */
export async function startProgram(name: ProgramName): Promise<ClientProgram> {
  const program = programs[name];
  const [file = '', ...args] = program.command(await prepare(program.build));
  // A bundle of authorities that the environment names would win over the one that the test gives.
  const { REQUESTS_CA_BUNDLE: _requests, CURL_CA_BUNDLE: _curl, ...env } = process.env;
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const waiting: ((line: string | undefined) => void)[] = [];
  readline.createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(() => {
    for (const settle of waiting.splice(0)) settle(undefined);
  });

  async function ask(action: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<ProgramAnswer> {
    const line = new Promise<string | undefined>((resolve) => {
      waiting.push(resolve);
    });
    child.stdin.write(`${JSON.stringify({ do: action, ...parameters })}\n`);
    const text = await line;
    if (text === undefined) throw new Error(`${name} ended instead of answering ${action}.`);
    return JSON.parse(text) as ProgramAnswer;
  }

  return {
    ask,
    must: mustOf(ask, name),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The folder in which a program is ready; named after what its sources hold, so that a change makes another. */
async function prepare({ sources, build }: Build): Promise<string> {
  const from = path.join(here, sources);
  const digest = createHash('sha256');
  for (const file of (await readdir(from)).filter((one) => !one.startsWith('__')).sort())
    digest.update(file).update(await readFile(path.join(from, file)));
  const folder = path.join(cache, `${sources}-${digest.digest('hex').slice(0, 16)}`);
  const mark = path.join(folder, 'ready');
  if (await readFile(mark).then(Boolean, () => false)) return folder;
  // A virtual environment holds its own path: it is made where it stays, and counts when the mark is there.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(from, folder, { recursive: true });
  await build(folder);
  await writeFile(`${mark}.new`, 'ready\n');
  await rename(`${mark}.new`, mark);
  return folder;
}

async function command(file: string, args: readonly string[], options: { cwd?: string; GOTOOLCHAIN?: string } = {}) {
  const { cwd, ...variables } = options;
  try {
    await run(file, args, { cwd, timeout: BUILD_MS, env: { ...process.env, ...variables }, maxBuffer: 1 << 24 });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`${file} ${args.join(' ')} failed: ${(stderr || stdout || String(error)).slice(-2000)}`);
  }
}
