// npm run lock: makes package-lock.json anew after a change of package.json.
//
// Three things that plain `npm install` does not do:
// - npm runs under Node 26, because under an older Node it silently takes older versions of packages that need a newer one;
// - no host name is left in the file, so that it works with any registry;
// - every package for another platform has an entry, also when the registry at hand does not carry it. `npm ci` refuses
//   a lock file without them. Such an entry has no integrity; making the lock file against a complete registry adds it.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findNode, root } from './runtime.js';

const operatingSystems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** What package.json of a platform package says, read from its name, such as `@scope/binding-linux-arm64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = words.filter((word) => operatingSystems.includes(word));
  const cpu = words.filter((word) => processors.includes(word));
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : [];
  return { os, cpu, libc };
}

function addMissingPlatforms(packages) {
  let added = 0;
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (packages[`node_modules/${name}`] !== undefined || packages[`${path}/node_modules/${name}`] !== undefined)
        continue;
      const { os, cpu, libc } = platformOf(name);
      if (os.length === 0 || !/^\d+\.\d+\.\d+$/.test(version)) continue;
      packages[`node_modules/${name}`] = {
        version,
        ...(cpu.length > 0 && { cpu }),
        ...(entry.dev && { dev: true }),
        ...(libc.length > 0 && { libc }),
        optional: true,
        os,
      };
      added += 1;
    }
  }
  return added;
}

const node = findNode();
if (node === undefined) {
  console.error('The lock file is made under Node 26 or newer: run `npm ci` first, or put one on the PATH.');
  process.exit(1);
}
const npm = process.env.npm_execpath;
if (npm === undefined || !existsSync(npm)) {
  console.error('Run this as `npm run lock`.');
  process.exit(1);
}
const made = spawnSync(node, [npm, 'install', '--package-lock-only', '--ignore-scripts'], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH },
});
if (made.status !== 0) process.exit(made.status ?? 1);

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
const added = addMissingPlatforms(lock.packages);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.error(
  `package-lock.json: ${Object.keys(lock.packages).length} packages, ${added} of them for platforms that this registry lacks.`,
);
