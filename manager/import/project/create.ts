import { newId } from '#core/id';
import { noEndpoints } from '#core/model/endpoint';
import type { Project } from '#core/model/project';
import type { ImportProject, ProjectDocument } from '#core/model/project-document';
import { isProxied } from '#core/model/project-kind';
import { DEFAULT_RESOURCE } from '#core/model/resource';
import { type ProblemDetail, ProblemError } from '#core/problem';
import type { ManagerContext } from '../../context.ts';
import { chainErrors, endpointsErrors } from '../../drafts/attachments.ts';
import { duplicateHosts } from '../../drafts/create-project.ts';
import { ONLY_PROXIED_ARE_SECURED } from '../../drafts/secure-with.ts';
import { validationFailed } from '../../http/validation.ts';
import { checkConfig } from '../../records/policy.ts';
import { policyChainData } from '../../records/policy-chain.ts';
import { getProject } from '../../records/project.ts';
import { checkNameFree, nameFor, newRecordColumns } from '../../records/record.ts';
import { resourceData } from '../../records/resource.ts';
import { targetData } from '../../records/target.ts';
import type { Unit } from '../../unit-of-work.ts';

const ROWS_AT_ONCE = 500;

/** Makes a project of an export, all or nothing. @throws ProblemError with pointers into /document */
export async function createFromDocument(unit: Unit, context: ManagerContext, body: ImportProject): Promise<Project> {
  const document = withDefaultResource(body.document);
  checkDocument(document, context);
  const displayName = body.displayName ?? document.project.displayName;
  const name = body.name ?? (body.displayName === undefined ? document.project.name : nameFor(undefined, displayName));
  await checkNameFree(unit.tx, 'projects', 'project', name);
  const id = newId('prj', context.random);
  const { name: _, displayName: __, kind, contextPath, ...data } = document.project;
  await unit.tx
    .insertInto('projects')
    .values({
      ...newRecordColumns(unit, { id, name, displayName, data }),
      ...{ kind, context_path: body.contextPath ?? contextPath, draft_revision: 1 },
    })
    .execute();
  await insertParts(unit, context, { id, document });
  return getProject(unit.tx, id);
}

function withDefaultResource(document: ProjectDocument): ProjectDocument {
  if (document.resources.some(({ name }) => name === DEFAULT_RESOURCE.name)) return document;
  const usual = { path: '/*', methods: [], public: false, endpoints: noEndpoints() };
  return { ...document, resources: [{ ...DEFAULT_RESOURCE, ...usual }, ...document.resources] };
}

async function insertParts(
  unit: Unit,
  context: ManagerContext,
  { id, document }: { readonly id: string; readonly document: ProjectDocument },
): Promise<void> {
  const { random } = context;
  const project_id = id;
  const targets = document.targets.map(({ name, displayName, ...fields }) => ({
    ...newRecordColumns(unit, {
      id: newId('tgt', random),
      name,
      displayName,
      data: targetData({ displayName, ...fields }),
    }),
    project_id,
  }));
  const policies = document.policies.map(({ name, displayName, type, config }) => ({
    ...newRecordColumns(unit, { id: newId('pol', random), name, displayName, data: config }),
    ...{ project_id, type },
  }));
  const resources = document.resources.map(({ name, displayName, ...fields }) => ({
    ...newRecordColumns(unit, {
      ...{ id: newId('res', random), name, displayName },
      data: resourceData({ ...fields, target: fields.target }),
    }),
    project_id,
  }));
  const chains = (document.policyChains ?? []).map(({ name, displayName, ...fields }) => ({
    ...newRecordColumns(unit, { id: newId('chn', random), name, displayName, data: policyChainData(fields) }),
    project_id,
  }));
  for (const some of chunks(targets)) await unit.tx.insertInto('targets').values(some).execute();
  for (const some of chunks(policies)) await unit.tx.insertInto('policies').values(some).execute();
  for (const some of chunks(resources)) await unit.tx.insertInto('resources').values(some).execute();
  for (const some of chunks(chains)) await unit.tx.insertInto('policy_chains').values(some).execute();
}

function chunks<Row>(rows: readonly Row[]): Row[][] {
  const count = Math.ceil(rows.length / ROWS_AT_ONCE);
  return Array.from({ length: count }, (_, i) => rows.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE));
}

function checkDocument(document: ProjectDocument, context: ManagerContext): void {
  const { project, policies } = document;
  const rules = { policies, types: context.policyTypes };
  const errors: ProblemDetail[] = [
    ...['targets', 'policies', 'resources', 'policyChains'].flatMap((part) => duplicateNames(document, part)),
    ...duplicateHosts(project.hosts).map((error) => ({ ...error, pointer: `/document/project${error.pointer}` })),
    ...endpointsErrors(project.endpoints, rules, '/document/project/endpoints'),
    ...document.resources.flatMap(({ endpoints }, i) =>
      endpointsErrors(endpoints, rules, `/document/resources/${i}/endpoints`),
    ),
    ...(document.policyChains ?? []).flatMap(({ policies: members }, i) =>
      chainErrors(members, rules).map((error) => ({
        ...error,
        pointer: `/document/policyChains/${i}${error.pointer}`,
      })),
    ),
    ...configErrors(document, context),
    ...targetErrors(document),
    ...securityErrors(document),
  ];
  if (errors.length > 0) throw validationFailed(errors.slice(0, 100));
}

function duplicateNames(document: ProjectDocument, part: string): ProblemDetail[] {
  const lists: Readonly<Record<string, readonly { readonly name: string }[]>> = {
    targets: document.targets,
    policies: document.policies,
    resources: document.resources,
    policyChains: document.policyChains ?? [],
  };
  const seen = new Set<string>();
  return (lists[part] ?? []).flatMap(({ name }, i) => {
    if (seen.size === seen.add(name).size)
      return [{ pointer: `/document/${part}/${i}/name`, code: 'duplicate', message: `${name} stands here twice.` }];
    return [];
  });
}

function configErrors({ policies }: ProjectDocument, { policyTypes }: ManagerContext): ProblemDetail[] {
  return policies.flatMap(({ type, config }, i): readonly ProblemDetail[] => {
    const pointer = `/document/policies/${i}`;
    const known = policyTypes.find(({ name }) => name === type);
    if (known === undefined)
      return [{ pointer: `${pointer}/type`, code: 'unknown_policy_type', message: `There is no policy type ${type}.` }];
    try {
      checkConfig(known, config, `${pointer}/config`);
      return [];
    } catch (error) {
      if (error instanceof ProblemError) return error.errors;
      throw error;
    }
  });
}

function targetErrors({ targets, resources }: ProjectDocument): ProblemDetail[] {
  const names = new Set(targets.map(({ name }) => name));
  return resources.flatMap(({ target }, i) =>
    target === undefined || names.has(target)
      ? []
      : [
          {
            pointer: `/document/resources/${i}/target`,
            code: 'unknown_target',
            message: `The document has no target ${target}.`,
          },
        ],
  );
}

function securityErrors({ project, policies }: ProjectDocument): ProblemDetail[] {
  const { kind, secureWith, securePolicy } = project;
  const pointer = '/document/project/secureWith';
  if (secureWith === 'none')
    return securePolicy === undefined
      ? []
      : [{ pointer: '/document/project/securePolicy', code: 'not_allowed', message: 'Only together with secureWith.' }];
  if (!isProxied(kind)) return [{ pointer, code: 'not_for_kind', message: ONLY_PROXIED_ARE_SECURED }];
  if (policies.some(({ name }) => name === securePolicy)) return [];
  const message = `The project is secured, but its policy ${securePolicy ?? ''} is not in the document.`;
  return [{ pointer: '/document/project/securePolicy', code: 'secure_policy_missing', message }];
}
