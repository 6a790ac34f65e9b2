import * as z from 'zod';
import { IMPORT_CHOICES, type ProjectOrigin } from '#core/model/import';
import type { Reader, Tx } from '../database.ts';
import type { Unit } from '../unit-of-work.ts';

const importData = z.object({
  title: z.string(),
  version: z.string(),
  url: z.string().optional(),
  fileName: z.string().optional(),
  choose: z.enum(IMPORT_CHOICES),
  tags: z.array(z.string()),
  /** WSDL: the target as it was taken, and the operations. */
  targetUrl: z.string().optional(),
  operations: z.array(z.string()).optional(),
  service: z.string().optional(),
  port: z.string().optional(),
});

/** What is kept of the import of a project. */
export type ImportData = z.infer<typeof importData>;

/** The last import of a project. */
export interface ProjectImport {
  readonly format: 'openapi' | 'wsdl';
  readonly importedAt: number;
  readonly importedBy: string;
  readonly data: ImportData;
  readonly text: string | undefined;
}

const originData = z.object({
  operationId: z.string().optional(),
  displayName: z.string(),
  path: z.string(),
  methods: z.array(z.string()),
  scopes: z.array(z.string()),
  scopeMatch: z.enum(['any', 'all']),
  public: z.boolean(),
});

/** An operation as it was imported. */
export type OriginData = z.infer<typeof originData>;

/** Which operation a resource was made of. */
export interface ResourceOrigin {
  readonly resourceId: string;
  readonly key: string;
  readonly data: OriginData;
}

/** A new row of {@link ResourceOrigin}. */
export interface NewOrigin extends ResourceOrigin {
  readonly projectId: string;
}

/** Rows in one statement: each has a few values, and SQLite takes 32 766 of them. */
const ROWS_AT_ONCE = 1000;

/** The last import of a project; undefined: it was made by hand. */
export async function findProjectImport(reader: Reader, projectId: string): Promise<ProjectImport | undefined> {
  const row = await reader
    .selectFrom('project_imports')
    .selectAll()
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    format: row.format === 'wsdl' ? 'wsdl' : 'openapi',
    importedAt: Number(row.imported_at),
    importedBy: row.imported_by,
    data: importData.parse(JSON.parse(row.data)),
    text: row.text ?? undefined,
  };
}

/** Notes an import; the one before is forgotten. */
export async function saveProjectImport(
  unit: Unit,
  projectId: string,
  made: Pick<ProjectImport, 'format' | 'data' | 'text'>,
): Promise<void> {
  await unit.tx.deleteFrom('project_imports').where('project_id', '=', projectId).execute();
  await unit.tx
    .insertInto('project_imports')
    .values({
      project_id: projectId,
      format: made.format,
      imported_at: unit.now,
      imported_by: unit.actor.name,
      data: JSON.stringify(made.data),
      text: made.text ?? null,
    })
    .execute();
}

/** The import as the API shows it. */
export function originOf({ format, data, importedAt, importedBy, text }: ProjectImport): ProjectOrigin {
  const { title, version, url, fileName, choose, tags } = data;
  return {
    ...{ format, title, version, choose, tags, importedAt, importedBy },
    ...(url === undefined ? {} : { url }),
    ...(fileName === undefined ? {} : { fileName }),
    ...(text === undefined ? {} : { text }),
  };
}

/** The origins of a project's resources. */
export async function listOrigins(reader: Reader, projectId: string): Promise<ResourceOrigin[]> {
  const rows = await reader.selectFrom('resource_origins').selectAll().where('project_id', '=', projectId).execute();
  return rows.map((row) => ({
    resourceId: row.resource_id,
    key: row.key,
    data: originData.parse(JSON.parse(row.data)),
  }));
}

/** Notes which operations resources were made of; what was noted of them before is forgotten. */
export async function saveOrigins(tx: Tx, origins: readonly NewOrigin[]): Promise<void> {
  for (let i = 0; i < origins.length; i += ROWS_AT_ONCE) {
    const some = origins.slice(i, i + ROWS_AT_ONCE);
    await forgetOrigins(
      tx,
      some.map(({ resourceId }) => resourceId),
    );
    const rows = some.map(({ resourceId, projectId, key, data }) => ({
      ...{ resource_id: resourceId, project_id: projectId, key },
      data: JSON.stringify(data),
    }));
    await tx.insertInto('resource_origins').values(rows).execute();
  }
}

/** Makes resources ones that were made by hand. */
export async function forgetOrigins(tx: Tx, resourceIds: readonly string[]): Promise<void> {
  for (let i = 0; i < resourceIds.length; i += ROWS_AT_ONCE)
    await tx
      .deleteFrom('resource_origins')
      .where('resource_id', 'in', resourceIds.slice(i, i + ROWS_AT_ONCE))
      .execute();
}

/** Gives a copy of a project the origins of the original, by the names of their resources. */
export async function copyImport(tx: Tx, { of, to }: { readonly of: string; readonly to: string }): Promise<void> {
  const made = await tx.selectFrom('project_imports').selectAll().where('project_id', '=', of).executeTakeFirst();
  if (made === undefined) return;
  await tx
    .insertInto('project_imports')
    .values({ ...made, project_id: to })
    .execute();
  const rows = await tx
    .selectFrom('resource_origins')
    .innerJoin('resources as original', 'original.id', 'resource_origins.resource_id')
    .innerJoin('resources as copy', 'copy.name', 'original.name')
    .select(['copy.id as resource_id', 'resource_origins.key', 'resource_origins.data'])
    .where('resource_origins.project_id', '=', of)
    .where('copy.project_id', '=', to)
    .execute();
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE)
    await tx
      .insertInto('resource_origins')
      .values(rows.slice(i, i + ROWS_AT_ONCE).map((row) => ({ ...row, project_id: to })))
      .execute();
}
