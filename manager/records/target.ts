import { type CreateTarget, type Target, target } from '#core/model/target';
import type { Reader } from '../database.ts';
import type { ProjectPartTable } from '../tables.ts';
import { listParts } from './project-part.ts';
import { dataOf, recordFieldsOf } from './record.ts';

/** A target out of its row. */
export function parseTarget(row: ProjectPartTable): Target {
  return target.parse({ ...recordFieldsOf(row), projectId: row.project_id, ...dataOf(row) });
}

/** What of a target stands in `data`. */
export function targetData(value: Omit<CreateTarget, 'name'>): object {
  const { urls, connectTimeoutMs, timeoutMs, idleTimeoutMs, retries, verifyTls, maxConnections } = value;
  return { urls, connectTimeoutMs, timeoutMs, idleTimeoutMs, retries, verifyTls, maxConnections };
}

/** All targets of a project, oldest first. */
export async function listTargets(reader: Reader, projectId: string): Promise<Target[]> {
  return (await listParts(reader, 'targets', projectId)).map(parseTarget);
}
