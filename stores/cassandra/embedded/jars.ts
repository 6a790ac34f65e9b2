import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { UnavailableError } from '#core/errors';
import { findMaven } from './programs.ts';

/** The release that is fetched, and that the tests run. */
const CASSANDRA_VERSION = '5.0.9';

/** 67 MB from a slow mirror. */
const FETCH_TIMEOUT_MS = 900_000;
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>gatewright</groupId><artifactId>embedded-cassandra</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>${CASSANDRA_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/**
 * The jars of Cassandra, fetched by Maven when they are not there yet: into a folder of their own that gets its name when it is complete, so
 * that several processes may fetch at once and a fetch that was cut off leaves nothing half.
 * @param cacheFolder where they stay, about 67 MB
 * @throws ConfigurationError without Maven; UnavailableError when they cannot be fetched
 */
export async function ensureJars(cacheFolder: string): Promise<readonly string[]> {
  const folder = path.resolve(cacheFolder, CASSANDRA_VERSION);
  if (!existsSync(folder)) await fetch(cacheFolder, folder);
  const names = readdirSync(folder).filter((name) => name.endsWith('.jar'));
  return names.sort().map((name) => path.join(folder, name));
}

async function fetch(cacheFolder: string, folder: string): Promise<void> {
  const maven = await findMaven();
  mkdirSync(cacheFolder, { recursive: true });
  const fetching = mkdtempSync(path.join(path.resolve(cacheFolder), 'fetching-'));
  try {
    const pom = path.join(fetching, 'pom.xml');
    writeFileSync(pom, POM);
    const jars = path.join(fetching, 'jars');
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'];
    await promisify(execFile)(maven, ['-q', '-B', '-f', pom, ...goal], { timeout: FETCH_TIMEOUT_MS });
    if (!existsSync(folder)) renameSync(jars, folder);
  } catch (error) {
    if (existsSync(folder)) return; // another process was first
    throw new UnavailableError('Cassandra could not be fetched by Maven', { cause: error });
  } finally {
    rmSync(fetching, { recursive: true, force: true });
  }
}
