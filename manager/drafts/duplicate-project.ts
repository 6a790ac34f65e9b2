import { newId } from '#core/id';
import type { DuplicateProject } from '#core/model/duplicate-project';
import type { Project } from '#core/model/project';
import type { Random } from '#core/random';
import { copyImport } from '../import/origins.ts';
import { getProject } from '../records/project.ts';
import { listParts, type PartTable } from '../records/project-part.ts';
import { checkNameFree, dataOf, nameFor, newRecordColumns } from '../records/record.ts';
import type { ProjectTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';

const PARTS = { policies: 'pol', resources: 'res', targets: 'tgt', policy_chains: 'chn' } as const;

/**
 * Copies a project's draft with its policies, resources, targets and policy chains under another name and context path; versions and deployments stay with
 * the original.
 * @throws ProblemError `name_taken`, `validation_failed`
 */
export async function copyDraft(
  unit: Unit,
  random: Random,
  request: { readonly of: ProjectTable; readonly wish: DuplicateProject },
): Promise<Project> {
  const { of, wish } = request;
  const { displayName, contextPath } = wish;
  const name = nameFor(wish.name, displayName);
  await checkNameFree(unit.tx, 'projects', 'project', name);
  const id = newId('prj', random);
  const record = newRecordColumns(unit, { id, name, displayName, data: dataOf(of) });
  const row: ProjectTable = { ...of, ...record, context_path: contextPath, draft_revision: 1 };
  await unit.tx.insertInto('projects').values(row).execute();
  for (const table of ['policies', 'resources', 'targets', 'policy_chains'] as const)
    await copyParts(unit, random, { table, of: of.id, to: id });
  await copyImport(unit.tx, { of: of.id, to: id });
  return getProject(unit.tx, id);
}

async function copyParts(
  unit: Unit,
  random: Random,
  parts: { readonly table: PartTable; readonly of: string; readonly to: string },
): Promise<void> {
  const { table, of, to } = parts;
  const rows = await listParts(unit.tx, table, of);
  for (const [index, row] of rows.entries()) {
    const { name, display_name: displayName } = row;
    const record = newRecordColumns(unit, { id: newId(PARTS[table], random), name, displayName, data: dataOf(row) });
    // Parts are listed by the instant at which they were made: the copies keep the originals' order.
    const created_at = unit.now - (rows.length - 1 - index);
    await unit.tx
      .insertInto(table)
      .values({ ...row, ...record, created_at, project_id: to })
      .execute();
  }
}
