// Builds the console into console/dist when it is missing or was built from other sources. Plain JavaScript valid on Node 20.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { getNode, InstallError, root } from './runtime.js';

const folder = join(root, 'console');
const dist = join(folder, 'dist');
const stampFile = join(dist, '.built-from');

/**
 * Makes sure that console/dist is built from the sources as they are. Where that fails and an older build is there, it stays and a
 * sentence says so: what runs matters more. Throws `InstallError` when there is none at all.
 */
export function buildConsole() {
  const sources = hashSources();
  if (readStamp() === sources) return;
  process.stderr.write(
    `Building the console: ${existsSync(stampFile) ? 'its sources have changed' : 'it was not built yet'} …\n`,
  );
  const begin = Date.now();
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const done = spawnSync(getNode(), [vite, 'build', 'console', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (done.status === 0) {
    compressFiles(join(dist, 'assets'));
    writeFileSync(stampFile, sources);
    process.stderr.write(`Built in ${((Date.now() - begin) / 1000).toFixed(1)} s.\n`);
    return;
  }
  if (!existsSync(join(dist, 'index.html')))
    throw new InstallError(
      `The console could not be built; Vite's message is above. The usual causes: ${dist} may not be written, or the disk is full.`,
    );
  process.stderr.write('The console could not be built anew: the one built before is used.\n');
}

/** One hash of everything that goes into the build. */
function hashSources() {
  const hash = createHash('sha256');
  const files = [
    join(root, 'package-lock.json'),
    ...listFiles(folder, (name) => name !== 'dist' && !name.endsWith('.test.ts') && !name.endsWith('.md')),
    ...listFiles(join(root, 'core'), (name) => !name.endsWith('.test.ts') && !name.endsWith('.md')),
  ];
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function listFiles(path, isWanted) {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => isWanted(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? listFiles(join(path, entry.name), isWanted) : [join(path, entry.name)]));
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined;
}

/** Beside each text file its compressed forms, which the manager sends to browsers that take them. */
function compressFiles(path) {
  for (const name of readdirSync(path)) {
    const file = join(path, name);
    if (!/\.(?:js|css)$/.test(name) || statSync(file).size < 1024) continue;
    const bytes = readFileSync(file);
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
}
