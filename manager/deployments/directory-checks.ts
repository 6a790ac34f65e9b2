import type { ProjectSnapshot } from '#core/model/version';
import type { ProblemDetail } from '#core/problem';
import type { Reader } from '../database.ts';
import { check, type DeployCheck } from './deploy-checks.ts';
import { quoted } from './diff-words.ts';

/** A policy that names a directory of resource owners. */
export interface DirectoryUse {
  readonly policy: string;
  readonly displayName: string;
  readonly directory: string;
  readonly pointer: string;
}

/** Where a snapshot's policies name directories: sign-in at an authorization end point, and the password grant where it is offered. */
export function directoryUses({ policies }: Pick<ProjectSnapshot, 'policies'>): DirectoryUse[] {
  return policies.flatMap(({ name: policy, displayName, type, config }) => {
    const pointer = `/policies/${policy}/config`;
    if (type === 'oauth-authorization-endpoint')
      return textsOf(config.directories).map((directory, i) => ({
        ...{ policy, displayName, directory },
        pointer: `${pointer}/directories/${i}`,
      }));
    if (type !== 'oauth-token-endpoint' || !textsOf(config.grantTypes).includes('password')) return [];
    return textsOf([config.directory]).map((directory) => ({
      ...{ policy, displayName, directory },
      pointer: `${pointer}/directory`,
    }));
  });
}

/** Every directory that a policy names exists and is on: nobody could sign in through another one. */
export async function checkDirectories(reader: Reader, snapshot: ProjectSnapshot): Promise<DeployCheck> {
  const uses = directoryUses(snapshot);
  if (uses.length === 0) return check('directories', 'No policy names a directory of resource owners.', []);
  const rows = await reader.selectFrom('directories').select(['name', 'active']).execute();
  const wrong = uses.flatMap(({ displayName, directory, pointer }) => {
    const row = rows.find(({ name }) => name === directory);
    if (row?.active === 1) return [];
    const code = row === undefined ? 'directory_unknown' : 'directory_off';
    const words = row === undefined ? 'does not exist' : 'is off';
    const message = `Policy ${quoted(displayName)} names the directory ${directory}, which ${words}.`;
    const text = row === undefined ? 'Make it, or name another one in the policy.' : 'Turn it on.';
    const command = `gatewright directory ${row === undefined ? 'list' : `set ${directory} active=true`}`;
    return [{ error: { pointer, code, message } satisfies ProblemDetail, fix: { text, command } }];
  });
  return {
    ...check(
      'directories',
      'Every directory of resource owners that a policy names is there and on.',
      wrong.map(({ error }) => error),
    ),
    fixes: wrong.map(({ fix }) => fix),
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string' && one !== '') : [];
}
