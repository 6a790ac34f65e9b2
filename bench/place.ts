import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './child.ts';
import { rootDir } from './options.ts';
import { findCommand } from './prerequisite.ts';

const tmpfsMagic = 0x01021994;

/** A folder of this run's own, on a disk where there is one: what is durable must not be measured in memory. */
export function createTempDir(): { readonly dir: string; remove(): void } {
  const base = statfsSync(tmpdir()).type === tmpfsMagic ? '/var/tmp' : tmpdir();
  const dir = mkdtempSync(join(base, 'gatewright-bench-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** What the figures depend on besides the code. */
export async function describeMachine(dir: string): Promise<Readonly<Record<string, string | number>>> {
  const command = findCommand('nginx') ?? 'nginx';
  // nginx tells its version on standard error only.
  const nginx = await runCommand('sh', ['-c', '"$0" -v 2>&1', command]);
  return { ...(await describeHost(dir)), nginx: /nginx\/([\d.]+)/.exec(nginx)?.[1] ?? 'unknown' };
}

/** The machine alone, for what is measured beside nobody. */
export async function describeHost(dir: string): Promise<Readonly<Record<string, string | number>>> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    linux: /^[\d.]+/.exec(release())?.[0] ?? 'unknown',
    node: process.version,
    filesystem: (await runCommand('stat', ['-f', '-c', '%T', dir])).trim(),
  };
}

/** The commit that is measured. */
export async function describeCommit(): Promise<{ readonly commit: string; readonly dirty: boolean }> {
  try {
    const commit = (await runCommand('git', ['rev-parse', '--short', 'HEAD'], { cwd: rootDir })).trim();
    const changes = await runCommand('git', ['status', '--porcelain', '--', '.', ':!bench/results'], { cwd: rootDir });
    return { commit, dirty: changes.trim() !== '' };
  } catch {
    return { commit: 'none', dirty: true };
  }
}
