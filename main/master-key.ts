import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { ConfigurationError } from '#core/errors';
import { crockford } from '#core/id';
import { ProblemError } from '#core/problem';
import type { Random } from '#core/random';
import { type MasterKey, SecretBox } from '#core/secret-box';

/** The master key's file: a line a key, `id:base64 of 32 bytes`, the current one first (decision 33). */
export interface MasterKeyFile {
  readonly path: string;
  /** A box with the keys that are in the file now; read again only after {@link MasterKeyFile.reload}. */
  box(): SecretBox;
  /** Reads the file again, for a record that was sealed with a key that came since. */
  reload(): SecretBox;
  /**
   * Puts a new key first and keeps the one before it, so that processes that have not read the file again still open their records.
   * The caller seals every record anew afterwards.
   * @throws ProblemError `unavailable` when the file cannot be written
   */
  rotate(random: Random): SecretBox;
}

/**
 * Opens the file, making it (0600) when `create` says so: only the embedded default does.
 * @throws ConfigurationError when it is missing or malformed
 */
export function openMasterKeyFile(
  path: string,
  { create, random }: { readonly create: boolean; readonly random: Random },
): MasterKeyFile {
  if (!existsSync(path)) {
    if (!create) throw new ConfigurationError(`The master key file ${path} does not exist.`, '/masterKeyFile');
    writeKeys(path, [newKey(random)], 'unless-there');
  }
  let box = new SecretBox(readKeys(path), random);
  const reload = () => {
    box = new SecretBox(readKeys(path), random);
    return box;
  };
  return {
    path,
    box: () => box,
    reload,
    rotate(source) {
      const [current] = readKeys(path);
      try {
        writeKeys(path, current === undefined ? [newKey(source)] : [newKey(source), current], 'replace');
      } catch (error) {
        throw new ProblemError(
          'unavailable',
          `The master key file ${path} cannot be written: ${codeOf(error)}. Where it comes from elsewhere, put a new key into its first line, keep the old one as the second, and start the manager again.`,
        );
      }
      return reload();
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

function newKey(random: Random): MasterKey {
  return { id: `mk_${crockford(random, 8)}`, key: random.bytes(32) };
}

function readKeys(path: string): MasterKey[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`The master key file ${path} cannot be read: ${codeOf(error)}.`, '/masterKeyFile');
  }
  const keys = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index) => parseKey(line.trim(), index, path));
  if (keys.length === 0) throw new ConfigurationError(`The master key file ${path} is empty.`, '/masterKeyFile');
  return keys;
}

function parseKey(line: string, index: number, path: string): MasterKey {
  const match = /^(?:([A-Za-z0-9_-]{1,32}):)?([A-Za-z0-9+/]{43}=)$/.exec(line);
  if (match === null)
    throw new ConfigurationError(
      `The master key file ${path}, line ${index + 1}, must be "id:" and 32 bytes in base64 (openssl rand -base64 32).`,
      '/masterKeyFile',
    );
  return { id: match[1] ?? 'mk_external', key: Buffer.from(match[2] ?? '', 'base64') };
}

/**
 * `unless-there`: whoever comes first makes it, since manager and workers start at the same time. Written aside and put in place whole, so
 * that nobody ever reads half a file.
 */
function writeKeys(path: string, keys: readonly MasterKey[], how: 'unless-there' | 'replace'): void {
  const draft = `${path}.${process.pid}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, keys.map(({ id, key }) => `${id}:${Buffer.from(key).toString('base64')}\n`).join(''));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (how === 'replace') {
    renameSync(draft, path);
    return;
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
