import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ConfigurationError } from '#core/errors';

/** Cassandra 5 runs on these versions of Java; 21 and later miss what it needs (the security manager). */
const JAVA_VERSIONS = [17, 11];
const JVM_FOLDER = '/usr/lib/jvm';
const ask = promisify(execFile);

/**
 * The Java to run Cassandra with: the one of `JAVA_HOME`, the one on the path, or any that lies where Debian and Fedora install them.
 * @throws ConfigurationError which names the package, when none has the right version
 */
export async function findJava(): Promise<string> {
  const home = process.env.JAVA_HOME;
  const candidates = [home === undefined ? [] : [path.join(home, 'bin/java')], ['java'], installed()].flat();
  for (const wanted of JAVA_VERSIONS)
    for (const candidate of candidates) if ((await versionOf(candidate)) === wanted) return candidate;
  throw new ConfigurationError(
    'The embedded Cassandra needs Java 17: install the package openjdk-17-jre-headless, or set JAVA_HOME.',
  );
}

/** @throws ConfigurationError which names the package */
export async function findMaven(): Promise<string> {
  try {
    await ask('mvn', ['--version']);
    return 'mvn';
  } catch {
    throw new ConfigurationError(
      'The embedded Cassandra is fetched by Maven: install the package maven (once fetched, it is not needed any more).',
    );
  }
}

function installed(): string[] {
  try {
    return readdirSync(JVM_FOLDER).map((name) => path.join(JVM_FOLDER, name, 'bin/java'));
  } catch {
    return [];
  }
}

/** The feature version, e.g. 17; undefined when it cannot be run. */
async function versionOf(java: string): Promise<number | undefined> {
  try {
    const { stderr } = await ask(java, ['-version'], { timeout: 10_000 });
    const [, version] = /version "(\d+)/.exec(stderr) ?? [];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
}
