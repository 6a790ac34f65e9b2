import type { Reader } from '../database.ts';
import type { PolicyTable, ProjectPartTable } from '../tables.ts';
import { nameTaken, notFound } from './record.ts';

/** The tables of what a project consists of. */
export type PartTable = 'policies' | 'resources' | 'targets' | 'policy_chains';

interface PartRows {
  policies: PolicyTable;
  resources: ProjectPartTable;
  targets: ProjectPartTable;
  policy_chains: ProjectPartTable;
}

const NOUNS: Readonly<Record<PartTable, string>> = {
  policies: 'policy',
  resources: 'resource',
  targets: 'target',
  policy_chains: 'policy chain',
};

/** All parts of one kind of a project, oldest first. */
export async function listParts<Table extends PartTable>(
  reader: Reader,
  table: Table,
  projectId: string,
): Promise<PartRows[Table][]> {
  const rows = await reader
    .selectFrom<PartTable>(table)
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('created_at')
    .orderBy('name')
    .execute();
  return rows as PartRows[Table][]; // a union of tables in Kysely loses which one it was
}

/** The parts of one kind of several projects, by project id, each project's oldest first, in one statement. */
export async function listPartsOf<Table extends PartTable>(
  reader: Reader,
  table: Table,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, PartRows[Table][]>> {
  if (projectIds.length === 0) return new Map();
  const rows = await reader
    .selectFrom<PartTable>(table)
    .selectAll()
    .where('project_id', 'in', [...projectIds])
    .orderBy('created_at')
    .orderBy('name')
    .execute();
  return Map.groupBy(rows as PartRows[Table][], ({ project_id }) => project_id);
}

/** One part by name or id. @throws ProblemError `not_found` */
export async function getPart<Table extends PartTable>(
  reader: Reader,
  table: Table,
  place: { readonly projectId: string; readonly reference: string },
): Promise<PartRows[Table]> {
  const row = await reader
    .selectFrom<PartTable>(table)
    .selectAll()
    .where('project_id', '=', place.projectId)
    .where((part) => part.or([part('id', '=', place.reference), part('name', '=', place.reference)]))
    .executeTakeFirst();
  if (row === undefined) throw notFound(NOUNS[table], place.reference);
  return row as PartRows[Table];
}

/** @throws ProblemError `name_taken` */
export async function checkPartNameFree(
  reader: Reader,
  table: PartTable,
  place: { readonly projectId: string; readonly name: string },
): Promise<void> {
  const taken = await reader
    .selectFrom<PartTable>(table)
    .select('id')
    .where('project_id', '=', place.projectId)
    .where('name', '=', place.name)
    .executeTakeFirst();
  if (taken !== undefined) throw nameTaken(NOUNS[table], place.name);
}
