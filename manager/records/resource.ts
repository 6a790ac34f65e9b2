import { type Resource, resource } from '#core/model/resource';
import type { Reader } from '../database.ts';
import type { ProjectPartTable } from '../tables.ts';
import type { Unit } from '../unit-of-work.ts';
import { listParts } from './project-part.ts';
import { changedRecordColumns, dataOf, recordFieldsOf } from './record.ts';

/** A resource out of its row. */
export function parseResource(row: ProjectPartTable): Resource {
  return resource.parse({ ...recordFieldsOf(row), projectId: row.project_id, ...dataOf(row) });
}

/** What of a resource stands in `data`. */
export function resourceData(value: Pick<Resource, 'path' | 'methods' | 'public' | 'target' | 'endpoints'>): object {
  const { path, methods, target, endpoints } = value;
  return { path, methods, public: value.public, target, endpoints };
}

/** All resources of a project, oldest first: DefaultResource is the first. */
export async function listResources(reader: Reader, projectId: string): Promise<Resource[]> {
  return (await listParts(reader, 'resources', projectId)).map(parseResource);
}

/** Writes a resource's changes. The caller touches the draft. */
export async function updateResource(unit: Unit, before: ProjectPartTable, after: Resource): Promise<Resource> {
  const columns = changedRecordColumns(unit, before, { displayName: after.displayName, data: resourceData(after) });
  await unit.tx.updateTable('resources').set(columns).where('id', '=', before.id).execute();
  return parseResource({ ...before, ...columns });
}
