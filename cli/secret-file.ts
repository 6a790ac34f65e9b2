import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';

/** A file that is ready to take a secret: opened before the secret is made, so that none is lost to a wrong path. */
export interface SecretFile extends Disposable {
  readonly path: string;
  /** Writes the lines `NAME=value`; other lines of the file stay as they are. */
  saveVariables(variables: Readonly<Record<string, string>>): void;
  /** Writes a single value. */
  saveValue(value: string): void;
}

/**
 * Opens a file (mode 0600) that is put in place at once when it is saved.
 * @throws CliError when it cannot be written
 */
export function openSecretFile(cwd: string, name: string): SecretFile {
  const path = followed(resolve(cwd, name));
  const draft = join(dirname(path), `.${process.pid}.gatewright-draft`);
  let file: number | undefined;
  try {
    rmSync(draft, { force: true });
    file = openSync(draft, 'wx', 0o600);
    fchmodSync(file, 0o600);
  } catch (error) {
    throw new CliError(`${name} cannot be written: ${error instanceof Error ? error.message : 'unknown error'}.`, {
      exit: EXIT.usage,
      code: 'usage',
      cause: error,
    });
  }
  const save = (text: string) => {
    if (file === undefined) return;
    writeSync(file, text);
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(draft, path);
  };
  return {
    path,
    saveVariables: (variables) => save(withVariables(textOf(path), variables)),
    saveValue: (value) => save(`${value}\n`),
    [Symbol.dispose]() {
      if (file === undefined) return;
      closeSync(file);
      rmSync(draft, { force: true });
    },
  };
}

/** A `.env` text with some variables set: replaced where they stand, else added at the end. */
export function withVariables(text: string, variables: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(variables));
  const lines = text.split('\n').map((line) => {
    const name = /^\s*(?:export\s+)?([A-Za-z_]\w*)=/.exec(line)?.[1];
    const value = name === undefined ? undefined : left.get(name);
    if (name === undefined || value === undefined) return line;
    left.delete(name);
    return `${name}=${value}`;
  });
  while (lines.at(-1) === '') lines.pop();
  return `${[...lines, ...[...left].map(([name, value]) => `${name}=${value}`)].join('\n')}\n`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Where a link leads, so that it is not replaced by a file. */
function followed(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
