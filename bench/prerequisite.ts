import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand } from './child.ts';

/** Gets, once each, what contestants need from outside. */
export interface Prerequisites {
  /** Installs the peers of `bench/peers` from their lock file. @throws when npm cannot. */
  installPeers(): Promise<void>;
  /** Gets Keycloak from Maven Central and builds it. @throws when Java or Maven is missing, or cannot. */
  installKeycloak(): Promise<void>;
}

const peersDir = join(import.meta.dirname, 'peers');
/** An embedded database on disk, nothing beside. */
const keycloakBuildOptions = ['--db=dev-file', '--health-enabled=false', '--metrics-enabled=false'];
const packages = new Map([
  ['nginx', 'nginx-light'],
  ['wrk', 'wrk'],
  ['taskset', 'util-linux'],
]);

/** Where the servers of the npm peers are. */
export function peerServer(name: string): string {
  return join(peersDir, `${name}.mjs`);
}

/** The commands that every run needs. @throws with what to run when they are missing and cannot be installed. */
export async function installCommands(say: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux') throw new Error('the bench reads /proc and pins processes: it runs on Linux only');
  const missing = [...packages].filter(([command]) => findCommand(command) === undefined);
  if (missing.length === 0) return;
  const names = missing.map(([, name]) => name);
  const byHand = `apt-get install --no-install-recommends ${names.join(' ')}`;
  if (process.getuid?.() !== 0 || findCommand('apt-get') === undefined) {
    throw new Error(
      `missing: ${missing.map(([command]) => command).join(', ')}. Install it first, on Debian as root: ${byHand}`,
    );
  }
  say(`installing ${names.join(', ')}`);
  // RUNLEVEL keeps Debian from starting nginx as a service of its own.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const install = () => runCommand('apt-get', ['install', '-y', '--no-install-recommends', ...names], { env });
  try {
    await install();
  } catch {
    await runCommand('apt-get', ['update'], { env });
    await install();
  }
}

/** Prerequisites of single contestants; each is got once, and its failure is told to all who need it. */
export function createPrerequisites(say: (line: string) => void): Prerequisites {
  let peers: Promise<void> | undefined;
  let keycloak: Promise<void> | undefined;
  return {
    installKeycloak() {
      keycloak ??= installKeycloak(say);
      return keycloak;
    },
    installPeers() {
      peers ??= installPeers(say);
      return peers;
    },
  };
}

async function installPeers(say: (line: string) => void): Promise<void> {
  const done = join(peersDir, 'node_modules', '.package-lock.json');
  const lock = join(peersDir, 'package-lock.json');
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing the npm peers');
  await runCommand('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersDir });
}

const keycloakVersion = '26.3.0';

/** Where Keycloak is, once it was got. */
export const keycloakDir = join(peersDir, 'dist', `keycloak-${keycloakVersion}`);

async function installKeycloak(say: (line: string) => void): Promise<void> {
  for (const command of ['java', 'mvn', 'bash'])
    if (findCommand(command) === undefined)
      throw new Error(`it needs ${command}; on Debian: apt-get install openjdk-17-jre-headless maven`);
  const built = join(keycloakDir, 'built');
  if (existsSync(built)) return;
  say('getting Keycloak and building it, about two minutes');
  const cwd = join(peersDir, 'dist');
  mkdirSync(cwd, { recursive: true });
  await runCommand(
    'mvn',
    [
      '-q',
      '-B',
      'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack',
      `-Dartifact=org.keycloak:keycloak-quarkus-dist:${keycloakVersion}:zip`,
      `-DoutputDirectory=${cwd}`,
    ],
    { cwd },
  );
  await runCommand('bash', [join(keycloakDir, 'bin', 'kc.sh'), 'build', ...keycloakBuildOptions], { cwd });
  writeFileSync(built, '');
}

/** The path of a command, looked for as a shell would and in the folders for administrators. */
export function findCommand(name: string): string | undefined {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
