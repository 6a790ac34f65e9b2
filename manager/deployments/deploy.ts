import type { Diff } from '#core/model/deployment';
import type { ProjectSnapshot } from '#core/model/version';
import { ProblemError } from '#core/problem';
import { demandOn } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { readSnapshot } from '../drafts/snapshot.ts';
import type { DeploymentTable } from '../feed/tables.ts';
import { getProjectRow } from '../records/project.ts';
import { getServerGroup } from '../records/server-group.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { checkResponseTypes, checkSignInOrigin, checkTokenProject } from './authorization-checks.ts';
import { checkSnapshot, type DeployCheck } from './deploy-checks.ts';
import { diffSnapshots } from './diff.ts';
import { checkDirectories } from './directory-checks.ts';
import { checkVariables } from './group-checks.ts';
import { checkPath } from './path-conflict.ts';
import { findLive, type Place, putInPlace } from './placement.ts';
import { checkNamedStores, checkTokenStore } from './token-store-checks.ts';
import { contentHashOf, findNewestVersion, freezeDraft, getVersion } from './versions.ts';

/** What is to be deployed where. */
export interface DeployRequest {
  readonly project: string;
  readonly serverGroup: string;
  /** An existing version; left out: the draft. */
  readonly version?: number | undefined;
  readonly note: string;
}

/** What a deployment would do. */
export interface DeployPreview {
  readonly diff: Diff;
  readonly checks: readonly DeployCheck[];
  /** The version that would be placed, when it exists already. */
  readonly version: number | undefined;
}

/** Project and server group by name or id. @throws ProblemError `not_found` */
export async function getPlace(
  reader: Reader,
  names: { readonly project: string; readonly serverGroup: string },
): Promise<Place> {
  const project = await getProjectRow(reader, names.project);
  return { project, group: await getServerGroup(reader, names.serverGroup) };
}

/**
 * Makes a version of the draft (or takes an existing one) and places it on a server group: the version, the deployment and the feed entry in
 * one transaction. Gateways compile it aside and say whether they took it.
 * @throws ProblemError `deploy_refused`, `deploy_path_taken`, `store_not_shared`, `nothing_to_deploy`, `not_found`, `forbidden` where the actor may not deploy to that group
 */
export async function deploy(context: ManagerContext, actor: Actor, request: DeployRequest): Promise<DeploymentTable> {
  return change(context, actor, async (unit) => {
    const place = await getPlace(unit.tx, request);
    demandOn(actor, 'deployments:write', place.group);
    const snapshot = await snapshotOf(context, unit.tx, place, request.version);
    refuseUnless(await checksOf(context, unit.tx, snapshot, place), place);
    const { note } = request;
    const version =
      request.version ?? (await freezeDraft(unit, place.project, { snapshot, note, random: context.random })).number;
    const live = await findLive(unit.tx, place);
    if (live?.version === version && !context.services.gateways.isRefused(live)) throw nothingToDeploy(place, version);
    return putInPlace(unit, place, { kind: 'deploy', version, snapshot, note }, context.random);
  });
}

/** What {@link deploy} would change and whether it would be allowed; changes nothing. */
export async function previewDeploy(context: ManagerContext, request: DeployRequest): Promise<DeployPreview> {
  const { read } = context.db;
  const place = await getPlace(read, request);
  const snapshot = await snapshotOf(context, read, place, request.version);
  const newest = request.version === undefined ? await findNewestVersion(read, place.project.id) : undefined;
  const version = request.version ?? (newest?.content_hash === contentHashOf(snapshot) ? newest.number : undefined);
  return {
    diff: await diffToLive(read, place, snapshot, version),
    checks: await checksOf(context, read, snapshot, place),
    version,
  };
}

/** The difference between what runs at a place and what would. */
export async function diffToLive(
  reader: Reader,
  place: Place,
  snapshot: ProjectSnapshot,
  version: number | undefined,
): Promise<Diff> {
  const live = await findLive(reader, place);
  const before = live === undefined ? undefined : await getVersion(reader, place.project, live.version);
  return {
    project: place.project.name,
    from: before === undefined ? 'nothing' : `v${before.number}`,
    to: version === undefined ? 'draft' : `v${version}`,
    changes: diffSnapshots(before?.snapshot, snapshot),
  };
}

/** All checks of a snapshot for a place. */
export async function checksOf(
  context: ManagerContext,
  reader: Reader,
  snapshot: ProjectSnapshot,
  place: Place,
): Promise<DeployCheck[]> {
  return [
    ...checkSnapshot(snapshot, context.policyTypes),
    await checkPath(reader, snapshot, place),
    await checkVariables(context, reader, { snapshot, group: place.group }),
    await checkTokenStore(context, reader, { snapshot, group: place.group }),
    await checkNamedStores(reader, { snapshot, group: place.group }),
    await checkTokenProject(reader, { snapshot, group: place.group }),
    await checkResponseTypes(reader, { snapshot, group: place.group }),
    await checkSignInOrigin(context, reader, { snapshot, group: place.group }),
    await checkDirectories(reader, snapshot),
  ];
}

/** Throws when a check failed: about the path alone as `deploy_path_taken`, about the token store alone as `store_not_shared`, otherwise as `deploy_refused` with every error. */
export function refuseUnless(checks: readonly DeployCheck[], { project, group }: Place): void {
  const failed = checks.filter(({ ok }) => !ok);
  const [first] = failed;
  if (first === undefined) return;
  const errors = failed.flatMap((check) => check.errors);
  const what = `Cannot deploy ${project.display_name} to ${group.displayName}`;
  if (failed.length === 1 && first.name === 'path')
    throw new ProblemError(
      'deploy_path_taken',
      `${what}: ${first.message} Two projects cannot share a path and host on one server group.`,
      { errors, fixes: first.fixes },
    );
  if (failed.length === 1 && first.name === 'token-store')
    throw new ProblemError('store_not_shared', `${what}: ${first.message}`, { errors, fixes: first.fixes });
  throw new ProblemError('deploy_refused', `${what}: ${first.message}`, {
    errors,
    fixes: [
      ...failed.flatMap((check) => check.fixes),
      { text: 'See every check.', command: `gatewright deploy ${project.name} --to ${group.name} --dry-run` },
    ],
  });
}

async function snapshotOf(
  context: ManagerContext,
  reader: Reader,
  { project }: Place,
  version: number | undefined,
): Promise<ProjectSnapshot> {
  if (version !== undefined) return (await getVersion(reader, project, version)).snapshot;
  return readSnapshot(reader, project.id, context.policyTypes);
}

function nothingToDeploy({ project, group }: Place, version: number): ProblemError {
  return new ProblemError(
    'nothing_to_deploy',
    `${project.display_name} v${version} already runs in ${group.displayName}, and its draft has no other content.`,
    { fixes: [{ text: 'See what runs where.', command: 'gatewright status' }] },
  );
}
