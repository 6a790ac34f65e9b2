// The Node.js that runs Gatewright, and its installed packages. Plain JavaScript valid on Node 20: this is what runs
// before anything is installed.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The oldest major version of Node.js that runs Gatewright (`engines` in package.json). */
export const oldestMajor = 26;

const isWindows = process.platform === 'win32';
const nodeModules = join(root, 'node_modules');
const stampFile = join(nodeModules, '.gatewright-installed.json');
/** The path of a Node.js that is new enough, or undefined: the installed one, then this process's, then those on PATH. */
export function findNode() {
  return findBundledNode() ?? findSystemNode();
}

function findBundledNode() {
  const file = isWindows
    ? join(nodeModules, `node-win-${process.arch}`, 'bin', 'node.exe')
    : join(nodeModules, '.bin', 'node');
  if (!existsSync(file)) return undefined;
  try {
    const real = realpathSync(file);
    const { version } = JSON.parse(readFileSync(join(dirname(dirname(real)), 'package.json'), 'utf8'));
    return majorOf(version) >= oldestMajor ? file : undefined;
  } catch {
    return undefined;
  }
}

function findSystemNode() {
  if (majorOf(process.versions.node) >= oldestMajor) return process.execPath;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, isWindows ? 'node.exe' : 'node');
    if (folder === '' || folder.startsWith(nodeModules) || !isExecutable(file)) continue;
    const answer = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (answer.status === 0 && majorOf(answer.stdout.trim().replace(/^v/, '')) >= oldestMajor) return file;
  }
  return undefined;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

/**
 * Installs what the lock file names, unless it is there already.
 * `mode` is `production` or `all`; an installation of `all` also serves production and is never cut down to it.
 * Throws `InstallError` with a message for the reader.
 */
export function installPackages(mode) {
  const lock = lockHash();
  const stamp = readStamp();
  if (stamp?.lock === lock && (stamp.mode === 'all' || stamp.mode === mode)) return;

  // No stamp, or another lock file's: somebody may have run npm by hand, or changed only what we do not run.
  for (const kind of ['all', 'production']) {
    if ((kind === mode || kind === 'all') && matchesLock(kind)) {
      tryWriteStamp({ lock, mode: kind });
      return;
    }
  }

  const kind = stamp?.mode === 'all' ? 'all' : mode;
  const args = ['ci', kind === 'production' ? '--omit=dev' : '--include=dev', '--include=optional'];
  args.push('--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error');
  const command = `npm ci${kind === 'production' ? ' --omit=dev' : ''} --ignore-scripts`;
  const reason = existsSync(nodeModules)
    ? 'the packages in node_modules do not match package-lock.json'
    : 'the packages are not installed (there is no node_modules)';
  if (process.env.GATEWRIGHT_NO_INSTALL === '1') {
    throw new InstallError(
      `Cannot go on: ${reason}, and GATEWRIGHT_NO_INSTALL=1 forbids installing them.\n` +
        `Run \`${command}\` in ${root}, or unset GATEWRIGHT_NO_INSTALL.`,
    );
  }
  process.stderr.write(`Installing packages: ${reason} …\n`);
  const begin = Date.now();
  rmSync(stampFile, { force: true });
  const [file, ...before] = npmCommand();
  // npm prints to stderr only: stdout belongs to the program.
  const done = spawnSync(file, [...before, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: withoutNpmSettings(process.env),
    shell: isWindows && before.length === 0,
  });
  if (done.error !== undefined) {
    throw new InstallError(
      `npm could not be started (${done.error.code ?? done.error.message}). It comes with Node.js: install both from nodejs.org ` +
        `or your system's packages, then run \`${command}\` in ${root}.`,
    );
  }
  if (done.status !== 0) {
    throw new InstallError(
      `\`${command}\` failed (${done.signal ?? `exit code ${done.status}`}); its message is above.\n` +
        'The usual causes: the package registry cannot be reached (network, proxy, `npm config get registry`), the disk is full, ' +
        `or ${nodeModules} may not be written. Mend it and run the same command again.`,
    );
  }
  tryWriteStamp({ lock, mode: kind });
  process.stderr.write(`Installed in ${((Date.now() - begin) / 1000).toFixed(1)} s.\n`);
}

/** What stands in the way of installing, told to the person who started the command. */
export class InstallError extends Error {}

/** A Node.js that is new enough, after `installPackages`; throws `InstallError` when there is none for this platform. */
export function getNode() {
  const node = findNode();
  if (node !== undefined) return node;
  throw new InstallError(
    `Gatewright needs Node ${oldestMajor} or newer; this is ${process.version}, and npm has no Node package for ` +
      `${process.platform} ${process.arch}.\nInstall Node ${oldestMajor} or newer from nodejs.org or your system's packages, and start again.`,
  );
}

/**
 * Runs a command as if it were this process: the same input and outputs, signals handed on, the same way to end.
 * Never returns; resolves when the process is about to end.
 */
export async function becomeCommand(file, args, environment = process.env) {
  const result = await runCommand(file, args, environment);
  if (result.signal !== undefined) {
    process.removeAllListeners(result.signal);
    process.kill(process.pid, result.signal);
    return;
  }
  process.exitCode = result.code;
}

/**
 * Runs a command with our input and outputs, and hands it the signals that this process gets.
 * Answers `{ code, signal }` when it has ended.
 */
export function runCommand(file, args, environment = process.env) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: process.cwd(), stdio: 'inherit', env: environment });
    // Ctrl-C goes to everything in the terminal's foreground, the child too: handing it on would be a second one.
    const isSentByTerminal = (signal) => signal === 'SIGINT' && process.stdin.isTTY === true;
    const forwards = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [
      signal,
      () => isSentByTerminal(signal) || child.kill(signal),
    ]);
    for (const [signal, forward] of forwards) process.on(signal, forward);
    // npm hands on SIGINT and SIGTERM only. When it is gone for another reason, nobody is left to stop the child.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.env.npm_lifecycle_event !== undefined && process.ppid !== parent) {
        clearInterval(watch);
        child.kill('SIGTERM');
      }
    }, 500);
    const finish = (code, signal) => {
      clearInterval(watch);
      for (const [name, forward] of forwards) process.removeListener(name, forward);
      resolve({ code: code ?? 128 + (osConstants.signals[signal] ?? 1), signal: signal ?? undefined });
    };
    child.once('error', (error) => {
      process.stderr.write(`${file} could not be started: ${error.message}\n`);
      finish(127, undefined);
    });
    child.once('exit', finish);
  });
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Without the stamp the next start compares again, which takes a few milliseconds: not a reason to fail. */
function tryWriteStamp(stamp) {
  try {
    writeFileSync(stampFile, `${JSON.stringify(stamp)}\n`);
  } catch (error) {
    if (error.code !== 'EACCES' && error.code !== 'EROFS' && error.code !== 'EPERM') throw error;
  }
}

/** Whether node_modules, by npm's own record of it, has every package of the lock file that this mode needs. */
function matchesLock(mode) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const present = JSON.parse(readFileSync(join(nodeModules, '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) =>
        path === '' ||
        (mode === 'production' && entry.dev === true) ||
        (present[path] === undefined ? entry.optional === true : present[path].version === entry.version),
    );
  } catch {
    return false;
  }
}

function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli) && existsSync(cli)) return [process.execPath, cli];
  return [isWindows ? 'npm.cmd' : 'npm'];
}

/** `npm start --json` and the like set npm_config_… for this command; they are not meant for the inner npm. */
function withoutNpmSettings(environment) {
  const settings = [
    'npm_config_json',
    'npm_config_omit',
    'npm_config_only',
    'npm_config_production',
    'npm_config_dry_run',
  ];
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !settings.includes(name.toLowerCase()) && name !== 'NODE_ENV'),
  );
}
