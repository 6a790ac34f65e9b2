import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Keeps compiled code beside the packages, so that a second start need not parse the sources again. Where the folder cannot be written the
 * program runs without. Children find it by NODE_COMPILE_CACHE, since their imports come before any code of theirs.
 */
export function useCompileCache(): void {
  const folder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'gatewright');
  enableCompileCache(folder);
  process.env.NODE_COMPILE_CACHE ??= folder;
}
