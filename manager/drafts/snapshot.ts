import { type ProjectSnapshot, projectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import type { Reader } from '../database.ts';
import { listPolicies } from '../records/policy.ts';
import { getProject } from '../records/project.ts';
import { listResources } from '../records/resource.ts';
import { listTargets } from '../records/target.ts';

/**
 * A project's draft with everything in it, as a version freezes it. Policies' settings are the effective ones, so that a later release's other
 * default does not change a version that exists.
 * @throws ProblemError `not_found`
 */
export async function readSnapshot(
  reader: Reader,
  reference: string,
  types: readonly AnyPolicyType[],
): Promise<ProjectSnapshot> {
  const project = await getProject(reader, reference);
  return projectSnapshot.parse({
    project: withoutRecord(project),
    policies: (await listPolicies(reader, project.id, types)).map(({ summary: _, projectId: __, ...policy }) =>
      withoutRecord(policy),
    ),
    resources: (await listResources(reader, project.id)).map(({ projectId: _, ...resource }) =>
      withoutRecord(resource),
    ),
    targets: (await listTargets(reader, project.id)).map(({ projectId: _, ...target }) => withoutRecord(target)),
  });
}

interface Recorded {
  readonly revision: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

function withoutRecord<Noun extends Recorded>(noun: Noun): Omit<Noun, keyof Recorded> {
  const { revision: _, createdAt: __, createdBy: ___, updatedAt: ____, updatedBy: _____, ...rest } = noun;
  return rest;
}
