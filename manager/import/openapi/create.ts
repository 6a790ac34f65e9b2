import { newId } from '#core/id';
import { noEndpoints } from '#core/model/endpoint';
import type { ImportOpenApi } from '#core/model/import';
import { type CreateProject, createProject, type Project } from '#core/model/project';
import type { ManagerContext } from '../../context.ts';
import { createProjectDraft } from '../../drafts/create-project.ts';
import { parseWith, wrongValue } from '../../http/validation.ts';
import { givenConfig } from '../../records/policy.ts';
import { listParts } from '../../records/project-part.ts';
import { newRecordColumns } from '../../records/record.ts';
import { resourceData } from '../../records/resource.ts';
import type { ProjectPartTable } from '../../tables.ts';
import type { Unit } from '../../unit-of-work.ts';
import { type NewOrigin, saveOrigins, saveProjectImport } from '../origins.ts';
import { chosenOperations } from './chosen.ts';
import type { OpenApiReading, ReadOperation } from './reading.ts';
import { createScopePolicies, type ScopePolicies } from './scope-policies.ts';

const ROWS_AT_ONCE = 500;

/** Makes a project of a document that was read without problems: with its target, resources and policies, all or nothing. */
export async function createFromOpenApi(
  unit: Unit,
  context: ManagerContext,
  request: { readonly body: ImportOpenApi; readonly reading: OpenApiReading; readonly url: string | undefined },
): Promise<Project> {
  const { body, reading } = request;
  const secureWith = body.secureWith ?? (reading.asksForTokens ? 'oauth' : 'none');
  const operations = chosenOperations(reading.operations, body);
  const project = await createProjectDraft(unit, context, projectOf(body, reading, secureWith));
  const policies = await scopePoliciesOf(unit, project);
  await insertOperations(unit, context, { project, policies, operations, target: 'default' });
  await policies.save(unit, project.id, context.random);
  const { title, version } = reading;
  const { choose, tags, fileName } = body;
  await saveProjectImport(unit, project.id, {
    format: 'openapi',
    text: undefined,
    data: { title, version, url: request.url, fileName, choose, tags },
  });
  unit.audit({
    ...{ objectKind: 'project', objectId: project.id, objectName: project.name },
    sentence: `Project ${project.name} was imported from the OpenAPI document ${title.slice(0, 100)} with ${operations.length} resources.`,
    after: { ...project, resources: operations.length },
  });
  return project;
}

function projectOf(body: ImportOpenApi, reading: OpenApiReading, secureWith: 'none' | 'oauth'): CreateProject {
  const targetUrl = body.targetUrl ?? reading.servers.find((server) => server.targetUrl !== '')?.targetUrl;
  if (targetUrl === undefined)
    throw wrongValue(
      '/targetUrl',
      'required',
      'The document names no server that can be called. Give the URL of the target.',
    );
  const { name, displayName, contextPath, description = reading.description, tokenIn } = body;
  return parseWith(createProject, {
    ...{ kind: 'http', displayName, contextPath, description, targetUrl, secureWith },
    ...(name === undefined ? {} : { name }),
    ...(tokenIn === undefined ? {} : { tokenIn }),
  });
}

/** The policies for scopes of a project, made with the settings of its policy of *Secure API with*. */
async function scopePoliciesOf(unit: Unit, project: Project): Promise<ScopePolicies> {
  const rows = await listParts(unit.tx, 'policies', project.id);
  const known = rows.map((row) => ({
    ...{ name: row.name, displayName: row.display_name, type: row.type },
    config: givenConfig(row),
  }));
  const base = known.find(({ name }) => name === project.securePolicy)?.config ?? {};
  return createScopePolicies(known, base);
}

/** What resources are made with. */
export interface OperationWork {
  readonly project: Project;
  readonly policies: ScopePolicies;
  readonly operations: readonly ReadOperation[];
  readonly target: string | undefined;
}

/** Makes a resource of each operation, and notes what it was made of. */
export async function insertOperations(unit: Unit, context: ManagerContext, work: OperationWork): Promise<void> {
  const { project, operations, policies, target } = work;
  const origins: NewOrigin[] = [];
  const rows = operations.map((operation): ProjectPartTable => {
    const id = newId('res', context.random);
    origins.push({ resourceId: id, projectId: project.id, key: operation.key, data: originDataOf(operation) });
    const data = resourceData({
      ...{ path: operation.path, methods: operation.methods, target },
      public: operation.public && project.secureWith !== 'none',
      endpoints: { ...noEndpoints(), proxyRequest: securityOf(operation, project, policies) },
    });
    const { name, displayName } = operation;
    return { ...newRecordColumns(unit, { id, name, displayName, data }), project_id: project.id };
  });
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE)
    await unit.tx
      .insertInto('resources')
      .values(rows.slice(i, i + ROWS_AT_ONCE))
      .execute();
  await saveOrigins(unit.tx, origins);
}

/** The policy that lets calls of an operation in: with its scopes, that of *Secure API with*, or none. */
export function securityOf(
  operation: Pick<ReadOperation, 'scopes' | 'scopeMatch' | 'public'>,
  { securePolicy }: Pick<Project, 'securePolicy'>,
  policies: ScopePolicies,
): { policy: string; enabled: boolean }[] {
  if (securePolicy === undefined || operation.public) return [];
  return [{ policy: policies.nameFor(operation) ?? securePolicy, enabled: true }];
}

/** What is kept of an operation. */
export function originDataOf(operation: ReadOperation): NewOrigin['data'] {
  const { operationId, displayName, path, methods, scopes, scopeMatch } = operation;
  return { operationId, displayName, path, methods, scopes, scopeMatch, public: operation.public };
}
