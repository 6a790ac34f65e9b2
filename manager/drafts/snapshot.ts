import type { Policy } from '#core/model/policy';
import type { PolicyChain } from '#core/model/policy-chain';
import type { Project } from '#core/model/project';
import type { Resource } from '#core/model/resource';
import type { Target } from '#core/model/target';
import { type ProjectSnapshot, projectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import type { Reader } from '../database.ts';
import { parsePolicy } from '../records/policy.ts';
import { parsePolicyChain } from '../records/policy-chain.ts';
import { getProjectRow, parseProject } from '../records/project.ts';
import { listPartsOf } from '../records/project-part.ts';
import { notFound } from '../records/record.ts';
import { parseResource } from '../records/resource.ts';
import { parseTarget } from '../records/target.ts';
import type { ProjectTable } from '../tables.ts';

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
  const row = await getProjectRow(reader, reference);
  const snapshot = (await readSnapshots(reader, [row], types)).get(row.id);
  if (snapshot === undefined) throw notFound('project', reference);
  return snapshot;
}

/** The drafts of several projects, by project id, in four statements for all of them. */
export async function readSnapshots(
  reader: Reader,
  projects: readonly ProjectTable[],
  types: readonly AnyPolicyType[],
): Promise<ReadonlyMap<string, ProjectSnapshot>> {
  const ids = projects.map(({ id }) => id);
  const policies = await listPartsOf(reader, 'policies', ids);
  const resources = await listPartsOf(reader, 'resources', ids);
  const targets = await listPartsOf(reader, 'targets', ids);
  const chains = await listPartsOf(reader, 'policy_chains', ids);
  const snapshots = projects.map((row): [string, ProjectSnapshot] => [
    row.id,
    snapshotOf(parseProject(row), {
      policies: (policies.get(row.id) ?? []).map((policy) => parsePolicy(policy, types)),
      resources: (resources.get(row.id) ?? []).map(parseResource),
      targets: (targets.get(row.id) ?? []).map(parseTarget),
      chains: (chains.get(row.id) ?? []).map(parsePolicyChain),
    }),
  ]);
  return new Map(snapshots);
}

interface Parts {
  readonly policies: readonly Policy[];
  readonly resources: readonly Resource[];
  readonly targets: readonly Target[];
  readonly chains: readonly PolicyChain[];
}

function snapshotOf(project: Project, parts: Parts): ProjectSnapshot {
  return projectSnapshot.parse({
    project: withoutRecord(project),
    policies: parts.policies.map(({ summary: _, projectId: __, ...policy }) => withoutRecord(policy)),
    resources: parts.resources.map(({ projectId: _, ...resource }) => withoutRecord(resource)),
    targets: parts.targets.map(({ projectId: _, ...target }) => withoutRecord(target)),
    // left out when there are none: a gateway of the version before does not know them
    ...(parts.chains.length > 0 && { chains: parts.chains.map(({ projectId: _, ...chain }) => withoutRecord(chain)) }),
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
