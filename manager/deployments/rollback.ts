import type { Diff } from '#core/model/deployment';
import { ProblemError } from '#core/problem';
import { demandOn } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import type { DeploymentTable } from '../feed/tables.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { checksOf, diffToLive, getPlace, refuseUnless } from './deploy.ts';
import { findLive, type Place, putInPlace } from './placement.ts';
import { getVersion } from './versions.ts';

/** What is to be rolled back. */
export interface RollbackRequest {
  readonly project: string;
  readonly serverGroup: string;
  /** Left out: the version that ran before the present one was first deployed. */
  readonly toVersion?: number | undefined;
  readonly reason: string;
}

/**
 * Places an older version again, as the newest entry of the feed. The draft stays as it is; keys and subscriptions are no part of a version.
 * @throws ProblemError `not_found`, `forbidden`, `nothing_to_deploy`, `deploy_refused`, `deploy_path_taken`
 */
export async function rollback(
  context: ManagerContext,
  actor: Actor,
  request: RollbackRequest,
): Promise<DeploymentTable> {
  return change(context, actor, async (unit) => {
    const place = await getPlace(unit.tx, request);
    demandOn(actor, 'deployments:write', place.group);
    const { number, snapshot } = await goalOf(unit.tx, place, request.toVersion);
    refuseUnless(await checksOf(context, unit.tx, snapshot, place), place);
    return putInPlace(
      unit,
      place,
      { kind: 'rollback', version: number, snapshot, note: request.reason },
      context.random,
    );
  });
}

/** What {@link rollback} would change. */
export async function previewRollback(context: ManagerContext, request: RollbackRequest): Promise<Diff> {
  const { read } = context.db;
  const place = await getPlace(read, request);
  const { number, snapshot } = await goalOf(read, place, request.toVersion);
  return diffToLive(read, place, snapshot, number);
}

/** Takes a project off a server group. @throws ProblemError `not_found` when it does not run there, `forbidden` */
export async function undeploy(
  context: ManagerContext,
  actor: Actor,
  request: { readonly project: string; readonly serverGroup: string; readonly note: string },
): Promise<DeploymentTable> {
  return change(context, actor, async (unit) => {
    const place = await getPlace(unit.tx, request);
    demandOn(actor, 'deployments:write', place.group);
    const { version } = await getLive(unit.tx, place);
    return putInPlace(
      unit,
      place,
      { kind: 'undeploy', version, snapshot: undefined, note: request.note },
      context.random,
    );
  });
}

async function goalOf(reader: Reader, place: Place, toVersion: number | undefined) {
  const { project, group } = place;
  const live = await getLive(reader, place);
  const number = toVersion ?? (await versionBefore(reader, live));
  if (number === undefined)
    throw new ProblemError(
      'nothing_to_deploy',
      `No version of ${project.display_name} ran in ${group.displayName} before v${live.version}.`,
      {
        fixes: [
          { text: 'Take it off the server group.', command: `gatewright undeploy ${project.name} --on ${group.name}` },
        ],
      },
    );
  if (number === live.version)
    throw new ProblemError(
      'nothing_to_deploy',
      `${project.display_name} v${number} already runs in ${group.displayName}.`,
    );
  return getVersion(reader, project, number);
}

/** What ran before the live version was deployed: a second rollback goes further back instead of to and fro. */
async function versionBefore(reader: Reader, live: DeploymentTable): Promise<number | undefined> {
  const deployed = await reader
    .selectFrom('deployments')
    .select('previous_version')
    .where('project_id', '=', live.project_id)
    .where('server_group_id', '=', live.server_group_id)
    .where('kind', '=', 'deploy')
    .where('version', '=', live.version)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return (deployed ?? live).previous_version ?? undefined;
}

async function getLive(reader: Reader, place: Place): Promise<DeploymentTable> {
  const live = await findLive(reader, place);
  if (live !== undefined) return live;
  const { project, group } = place;
  throw new ProblemError('not_found', `${project.display_name} does not run in ${group.displayName}.`, {
    fixes: [{ text: 'Deploy it.', command: `gatewright deploy ${project.name} --to ${group.name}` }],
  });
}
