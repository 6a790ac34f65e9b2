import { type ProblemDetail, ProblemError } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { directoryUses } from '../deployments/directory-checks.ts';
import { readEverySnapshot } from '../deployments/every-snapshot.ts';
import type { Unit } from '../unit-of-work.ts';
import type { DirectoryTable } from './tables.ts';

/**
 * Refuses to take a directory away from policies that name it, in a draft or where they run: the sign-in there would fail.
 * @param doing what is refused: `deleted`, `turned off`
 * @throws ProblemError `in_use`, with each project and policy
 */
export async function checkDirectoryUnused(
  unit: Unit,
  { policyTypes }: Pick<ManagerContext, 'policyTypes'>,
  { directory, doing }: { readonly directory: Pick<DirectoryTable, 'name'>; readonly doing: string },
): Promise<void> {
  const places = await readEverySnapshot(unit.tx, policyTypes);
  const errors = places.flatMap(({ snapshot, where }): ProblemDetail[] =>
    directoryUses(snapshot)
      .filter((use) => use.directory === directory.name)
      .map(({ policy, pointer }) => ({
        pointer: `/projects/${snapshot.project.name}${pointer}`,
        code: 'in_use',
        message: `Project ${snapshot.project.name}, policy ${policy} (${where}) names it.`,
      })),
  );
  if (errors.length === 0) return;
  throw new ProblemError(
    'in_use',
    `The directory ${directory.name} cannot be ${doing}: ${errors.map(({ message }) => message).join(' ')} Name another one there first, and deploy.`,
    { errors },
  );
}
