import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError, usageError } from './cli-error.ts';
import { EXIT } from './exit-code.ts';
import type { CommandInput, Session } from './session.ts';

/**
 * What `--secret -` or `--secret-file` gives: a secret comes from stdin or a file, never from the command line.
 * @throws CliError (usage)
 */
export async function secretValue(session: Session, input: CommandInput): Promise<string> {
  const given = input.text('secret');
  const file = input.text('secretFile');
  if (given === '-') return withoutLineEnd(await session.readStdin());
  if (file === undefined)
    throw usageError('A secret on the command line is seen by everybody who lists processes.', [
      { text: 'From stdin: add', command: '--secret -' },
      { text: 'From a file: add', command: '--secret-file FILE' },
    ]);
  try {
    return withoutLineEnd(await readFile(path.resolve(session.cwd, file), 'utf8'));
  } catch (error) {
    throw new CliError(`${file} cannot be read.`, { exit: EXIT.usage, cause: error });
  }
}

/** Editors and `echo` end a file with a line end that is no part of the secret. */
function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
