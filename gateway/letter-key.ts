import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createLetterKey, exportLetterKey, importLetterKey, type LetterKey } from '#core/sealed-letter';
import { SealError } from '#core/secret-box';
import { writeWhole } from './replica-files.ts';

/** A gateway's key for what the manager seals to it. */
export interface OpenedLetterKey {
  readonly key: LetterKey;
  readonly file: string;
  /** It was made now: letters in the replica are for a key that is gone, so that everything has to be fetched anew. */
  readonly isNew: boolean;
}

/** Opens the key in the gateway's folder (0600), making it when it is missing or damaged. */
export function openLetterKey(folder: string): OpenedLetterKey {
  const file = path.join(folder, 'letters.key');
  try {
    return { key: readLetterKey(file), file, isNew: false };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing && !(error instanceof SealError)) throw error;
  }
  const key = createLetterKey();
  writeWhole(file, exportLetterKey(key));
  return { key, file, isNew: true };
}

/** Reads a key that {@link openLetterKey} made. @throws SealError, and the system's error when the file cannot be read */
export function readLetterKey(file: string): LetterKey {
  return importLetterKey(readFileSync(file, 'utf8'));
}
