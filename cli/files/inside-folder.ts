import { existsSync, lstatSync, realpathSync } from 'node:fs';
import path from 'node:path';

/**
 * What is wrong with a place below a folder; undefined: nothing. A link that leads out of the folder is refused, so that reading a folder of
 * somebody else's reads nothing but that folder, and writing over an earlier export writes nowhere else.
 * @param place path below the folder
 */
export function outsideFault(folder: string, place: string): string | undefined {
  const root = realpathSync(existsSync(folder) ? folder : path.dirname(folder));
  let here = folder;
  for (const step of path.normalize(place).split(path.sep)) {
    if (step === '..') return 'it leads out of the folder';
    here = path.join(here, step);
    const found = lstatSync(here, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isSymbolicLink()) continue;
    if (!existsSync(here)) return 'it is a link to nothing';
    const real = realpathSync(here);
    if (real !== root && !real.startsWith(root + path.sep)) return 'it is a link that leads out of the folder';
  }
  return undefined;
}
