import type { ProjectSnapshot } from '#core/model/version';
import { projectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import type { Reader } from '../database.ts';
import { readSnapshots } from '../drafts/snapshot.ts';

/** A project as it is somewhere. */
export interface PlacedSnapshot {
  readonly snapshot: ProjectSnapshot;
  /** `its draft`, `v3 in local`. */
  readonly where: string;
}

/** Every draft, and every version where it runs: for what may not be taken away from them. */
export async function readEverySnapshot(
  reader: Reader,
  policyTypes: readonly AnyPolicyType[],
): Promise<readonly PlacedSnapshot[]> {
  const projects = await reader.selectFrom('projects').selectAll().orderBy('name').execute();
  const drafts = await readSnapshots(reader, projects, policyTypes);
  const live = await reader
    .selectFrom('deployments')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.project_id', '=', 'deployments.project_id')
        .onRef('versions.number', '=', 'deployments.version'),
    )
    .innerJoin('server_groups', 'server_groups.id', 'deployments.server_group_id')
    .select(['versions.snapshot', 'versions.number', 'server_groups.name as group'])
    .where('deployments.state', '=', 'live')
    .orderBy('deployments.project_id')
    .execute();
  return [
    ...[...drafts.values()].map((snapshot) => ({ snapshot, where: 'its draft' })),
    ...live.map((row) => ({
      snapshot: projectSnapshot.parse(JSON.parse(row.snapshot)),
      where: `v${row.number} in ${row.group}`,
    })),
  ];
}
