import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import { openSecretFile } from './secret-file.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The personal key that `login` made for a server. */
export interface SavedKey {
  /** Origin of the server. */
  readonly server: string;
  /** Who signed in. */
  readonly user: string;
  /** Name of the key, for `logout`. */
  readonly keyName: string;
  readonly key: string;
  readonly endsAt: number;
}

/**
 * The key that is kept for a server; undefined when there is none.
 * @throws CliError (not allowed) when others could read it
 */
export function readSavedKey(env: Env, server: string): SavedKey | undefined {
  const file = fileOf(env, server);
  let text: string;
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) throw exposed(file);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof CliError) throw error;
    return undefined;
  }
  const saved = parse(text);
  return saved?.server === server ? saved : undefined;
}

/** Keeps a key, readable by this user only. @throws CliError (usage) when it cannot be written */
export function saveKey(env: Env, saved: SavedKey): string {
  const file = fileOf(env, saved.server);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  using opened = openSecretFile(path.dirname(file), path.basename(file));
  opened.saveValue(JSON.stringify(saved));
  return file;
}

/** Forgets the key of a server. */
export function forgetKey(env: Env, server: string): void {
  rmSync(fileOf(env, server), { force: true });
}

function fileOf(env: Env, server: string): string {
  const config = env.XDG_CONFIG_HOME || path.join(env.HOME || homedir(), '.config');
  const name = server.replace(/[^a-z0-9.-]+/gi, '_');
  return path.join(config, 'gatewright', `${name}.json`);
}

function exposed(file: string): CliError {
  return new CliError(`${file} holds a key and can be read by others.`, {
    exit: EXIT.notAllowed,
    fixes: [{ text: 'Make it yours alone.', command: `chmod 600 ${file}` }],
  });
}

function parse(text: string): SavedKey | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const fields = {
      server: '',
      user: '',
      keyName: '',
      key: '',
      endsAt: 0,
      ...(typeof value === 'object' ? value : {}),
    };
    return typeof fields.key === 'string' && fields.key !== '' ? fields : undefined;
  } catch {
    return undefined;
  }
}
