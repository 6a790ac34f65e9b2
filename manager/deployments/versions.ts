import { sha256Hex } from '#core/credential';
import { newId } from '#core/id';
import { type ProjectSnapshot, projectSnapshot, type Version } from '#core/model/version';
import { ProblemError } from '#core/problem';
import type { Random } from '#core/random';
import type { Reader } from '../database.ts';
import type { VersionTable } from '../feed/tables.ts';
import type { ProjectTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { canonical } from './canonical.ts';

/** A version as rows and lists have it: without the snapshot. */
export type VersionRow = Omit<VersionTable, 'snapshot'>;

const LISTED = [
  'id',
  'project_id',
  'number',
  'note',
  'created_at',
  'created_by',
  'draft_revision',
  'content_hash',
  'context_path',
  'hosts',
] as const;

/** The newest version of a project; undefined before the first deployment. */
export async function findNewestVersion(reader: Reader, projectId: string): Promise<VersionRow | undefined> {
  return reader
    .selectFrom('versions')
    .select(LISTED)
    .where('project_id', '=', projectId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** A version as lists show it. */
export interface ListedVersion extends Omit<Version, 'snapshot'> {
  /** Names of the server groups that run it. */
  readonly liveOn: string[];
}

/** A project's versions, newest first, and how many there are. */
export async function listVersions(
  reader: Reader,
  project: { readonly id: string; readonly name: string },
  page: { readonly before: number | undefined; readonly limit: number },
): Promise<{ readonly items: ListedVersion[]; readonly total: number }> {
  const rows = await reader
    .selectFrom('versions')
    .select(LISTED)
    .where('project_id', '=', project.id)
    .where('number', '<', page.before ?? Number.MAX_SAFE_INTEGER)
    .orderBy('number', 'desc')
    .limit(page.limit)
    .execute();
  const live = await reader
    .selectFrom('deployments')
    .innerJoin('server_groups', 'server_groups.id', 'deployments.server_group_id')
    .select(['server_groups.name', 'deployments.version'])
    .where('deployments.project_id', '=', project.id)
    .where('deployments.state', '=', 'live')
    .execute();
  const newest = await findNewestVersion(reader, project.id);
  const items = rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    project: project.name,
    number: row.number,
    note: row.note,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    liveOn: live.filter(({ version }) => version === row.number).map(({ name }) => name),
  }));
  return { items, total: newest?.number ?? 0 }; // numbers have no gaps: versions are never deleted alone
}

/** One version with its snapshot. @throws ProblemError `not_found` */
export async function getVersion(
  reader: Reader,
  project: { readonly id: string; readonly name: string },
  number: number,
): Promise<Version> {
  const row = await reader
    .selectFrom('versions')
    .selectAll()
    .where('project_id', '=', project.id)
    .where('number', '=', number)
    .executeTakeFirst();
  if (row !== undefined) return parseVersion(row, project.name);
  throw new ProblemError('not_found', `There is no version v${number} of ${project.name}.`, {
    fixes: [{ text: 'See what runs where.', command: 'gatewright status' }],
  });
}

/**
 * The draft as a version: the newest one when nothing changed since, otherwise a new one with the next number. Versions never change.
 * Called inside a change, so that two deployments at once do not take the same number.
 */
export async function freezeDraft(
  unit: Unit,
  project: ProjectTable,
  given: { readonly snapshot: ProjectSnapshot; readonly note: string; readonly random: Random },
): Promise<VersionRow> {
  const newest = await findNewestVersion(unit.tx, project.id);
  const contentHash = contentHashOf(given.snapshot);
  if (newest?.content_hash === contentHash) {
    const draft_revision = project.draft_revision;
    await unit.tx.updateTable('versions').set({ draft_revision }).where('id', '=', newest.id).execute();
    return { ...newest, draft_revision };
  }
  const row: VersionTable = {
    id: newId('ver', given.random),
    project_id: project.id,
    number: (newest?.number ?? 0) + 1,
    note: given.note,
    created_at: unit.now,
    created_by: unit.actor.name,
    draft_revision: project.draft_revision,
    content_hash: contentHash,
    context_path: given.snapshot.project.contextPath,
    hosts: JSON.stringify(given.snapshot.project.hosts),
    snapshot: JSON.stringify(given.snapshot),
  };
  await unit.tx.insertInto('versions').values(row).execute();
  return row;
}

/** Equal for snapshots that say the same: ids, and the order in which parts were made, do not count. */
export function contentHashOf({ project, policies, resources, targets, chains }: ProjectSnapshot): string {
  const parts = [policies, resources, targets, ...(chains === undefined ? [] : [chains])].map((list) =>
    list.map(({ id: _, ...part }) => part).sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  return sha256Hex(canonical([project, ...parts]));
}

function parseVersion(row: VersionTable, projectName: string): Version {
  return {
    id: row.id,
    projectId: row.project_id,
    project: projectName,
    number: row.number,
    note: row.note,
    createdAt: Number(row.created_at),
    createdBy: row.created_by,
    snapshot: projectSnapshot.parse(JSON.parse(row.snapshot)),
  };
}
