import { noEndpoints } from '#core/model/endpoint';
import { type Project, project } from '#core/model/project';
import type { Reader, Tx } from '../database.ts';
import type { ProjectTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { changedRecordColumns, dataOf, notFound, recordFieldsOf } from './record.ts';

/** A project's draft out of its row. */
export function parseProject(row: ProjectTable): Project {
  return project.parse({
    ...recordFieldsOf(row),
    kind: row.kind,
    contextPath: row.context_path,
    endpoints: noEndpoints(),
    ...dataOf(row),
  });
}

/** What of a project stands in `data`. */
function projectData(value: Project): object {
  const { hosts, description, keepContextPath, allowPathForms, trailingSlash, endpoints, secureWith, securePolicy } =
    value;
  return { hosts, description, keepContextPath, allowPathForms, trailingSlash, endpoints, secureWith, securePolicy };
}

/** The row of a project by name or id. */
export async function findProjectRow(reader: Reader, reference: string): Promise<ProjectTable | undefined> {
  return reader
    .selectFrom('projects')
    .selectAll()
    .where((row) => row.or([row('id', '=', reference), row('name', '=', reference)]))
    .executeTakeFirst();
}

/** @throws ProblemError `not_found` */
export async function getProjectRow(reader: Reader, reference: string): Promise<ProjectTable> {
  const row = await findProjectRow(reader, reference);
  if (row === undefined) throw notFound('project', reference);
  return row;
}

/** A project's draft by name or id. @throws ProblemError `not_found` */
export async function getProject(reader: Reader, reference: string): Promise<Project> {
  return parseProject(await getProjectRow(reader, reference));
}

/** Writes changes of a project itself; its revision and its draft's grow. */
export async function updateProject(unit: Unit, before: ProjectTable, after: Project): Promise<Project> {
  await unit.tx
    .updateTable('projects')
    .set((row) => ({
      ...changedRecordColumns(unit, before, { displayName: after.displayName, data: projectData(after) }),
      context_path: after.contextPath,
      draft_revision: row('draft_revision', '+', 1),
    }))
    .where('id', '=', before.id)
    .execute();
  return getProject(unit.tx, before.id);
}

/** Notes that something in a project changed: its draft's revision grows, its own does not. */
export async function touchDraft(tx: Tx, projectId: string): Promise<void> {
  await tx
    .updateTable('projects')
    .set((row) => ({ draft_revision: row('draft_revision', '+', 1) }))
    .where('id', '=', projectId)
    .execute();
}
