import type { FeedDeployment } from '#core/change-feed';
import { newId } from '#core/id';
import type { ServerGroup } from '#core/model/server-group';
import type { ProjectSnapshot } from '#core/model/version';
import type { Random } from '#core/random';
import type { Reader } from '../database.ts';
import { lockNextNumber } from '../feed/append.ts';
import type { DeploymentTable } from '../feed/tables.ts';
import type { ProjectTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';

/** Where something is deployed. */
export interface Place {
  readonly project: ProjectTable;
  readonly group: ServerGroup;
}

/** What a deployment, rollback or undeployment does to a place. */
export interface Placement {
  readonly kind: 'deploy' | 'rollback' | 'undeploy';
  readonly version: number;
  /** What the gateways get; undefined: nothing runs there any more. */
  readonly snapshot: ProjectSnapshot | undefined;
  readonly note: string;
}

/** What the present deployment becomes when another takes its place. */
const SUPERSEDED = { deploy: 'replaced', rollback: 'rolled-back', undeploy: 'undeployed' } as const;

/** The deployment that runs at a place; undefined when none does. */
export async function findLive(reader: Reader, place: Place): Promise<DeploymentTable | undefined> {
  return reader
    .selectFrom('deployments')
    .selectAll()
    .where('project_id', '=', place.project.id)
    .where('server_group_id', '=', place.group.id)
    .where('state', '=', 'live')
    .executeTakeFirst();
}

/** Writes a deployment, marks the one before and puts what the gateways need into the feed. */
export async function putInPlace(
  unit: Unit,
  place: Place,
  placement: Placement,
  random: Random,
): Promise<DeploymentTable> {
  const { project, group } = place;
  const { kind, version, snapshot, note } = placement;
  const live = await findLive(unit.tx, place);
  if (live !== undefined)
    await unit.tx.updateTable('deployments').set({ state: SUPERSEDED[kind] }).where('id', '=', live.id).execute();
  const row: DeploymentTable = {
    id: newId('dep', random),
    project_id: project.id,
    server_group_id: group.id,
    version,
    state: kind === 'undeploy' ? 'undeployed' : 'live',
    previous_version: live?.version ?? null,
    kind,
    note,
    created_at: unit.now,
    created_by: unit.actor.name,
    seq: await lockNextNumber(unit.tx),
  };
  await unit.tx.insertInto('deployments').values(row).execute();
  const payload: FeedDeployment | undefined =
    snapshot === undefined
      ? undefined
      : { deploymentId: row.id, projectId: project.id, serverGroupId: group.id, version, snapshot };
  unit.publish('deployment', `${group.id}/${project.id}`, payload, group.id);
  unit.audit({
    objectKind: 'deployment',
    objectId: row.id,
    objectName: `${project.name}@${group.name}`,
    sentence: sentenceOf(place, placement, live?.version),
    ...(live !== undefined && { before: { version: live.version } }),
    after: { version: snapshot === undefined ? undefined : version, note },
  });
  return row;
}

function sentenceOf({ project, group }: Place, { kind, version, note }: Placement, before: number | undefined): string {
  const what = `${project.display_name} v${version}`;
  const why = note === '' ? '' : ` (${note})`;
  if (kind === 'undeploy') return `${what} was taken off ${group.displayName}${why}.`;
  if (kind === 'rollback')
    return `${project.display_name} was rolled back on ${group.displayName} from v${before} to v${version}${why}.`;
  const replaced = before === undefined ? '' : `, in place of v${before}`;
  return `${what} was deployed to ${group.displayName}${replaced}${why}.`;
}
