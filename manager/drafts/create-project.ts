import { newId } from '#core/id';
import { noEndpoints } from '#core/model/endpoint';
import { type CreateProject, PROJECT_KIND_TITLES, type Project } from '#core/model/project';
import { isProxied, PROXIED_KINDS } from '#core/model/project-kind';
import { DEFAULT_RESOURCE } from '#core/model/resource';
import { createTarget, targetUrlSchema } from '#core/model/target';
import type { ProblemDetail } from '#core/problem';
import type { ManagerContext } from '../context.ts';
import { parseWith, validationFailed, wrongValue } from '../http/validation.ts';
import { getPolicyType, listPolicies } from '../records/policy.ts';
import { getProject } from '../records/project.ts';
import { checkNameFree, nameFor, newRecordColumns } from '../records/record.ts';
import { resourceData } from '../records/resource.ts';
import { targetData } from '../records/target.ts';
import type { Unit } from '../unit-of-work.ts';
import { endpointsErrors } from './attachments.ts';
import { ensureSecurePolicy, ONLY_PROXIED_ARE_SECURED, secureEndpoints } from './secure-with.ts';
import { findTokenProject } from './token-project.ts';

const TOKEN_ENDPOINT_TYPE = 'oauth-token-endpoint';
const AUTHORIZATION_ENDPOINT_TYPE = 'oauth-authorization-endpoint';

/** Fields of a create that only one kind of project has. */
const FIELDS_OF_KIND = [
  { kinds: ['oauth-token-endpoint'], fields: ['accessTokenExpiryMs'] },
  { kinds: ['oauth-authorization-endpoint'], fields: ['tokenProject'] },
  { kinds: PROXIED_KINDS, fields: ['targetUrl', 'tokenIn', 'scopes'] },
] as const;

/**
 * Makes a project with what belongs to it from the start: DefaultResource; for an end point of the authorization server its policy, attached; for HTTP and WSDL the target and
 * what *Secure API with* demands.
 */
export async function createProjectDraft(unit: Unit, context: ManagerContext, body: CreateProject): Promise<Project> {
  checkFields(body);
  const name = nameFor(body.name, body.displayName);
  await checkNameFree(unit.tx, 'projects', 'project', name);
  const id = newId('prj', context.random);
  await insertProject(unit, { id, name, body });
  const isSecured = body.secureWith === 'oauth';
  const securePolicy = isSecured
    ? await ensureSecurePolicy(unit, context, { projectId: id, config: verifyConfig(body) })
    : undefined;
  const ownPolicy = await insertOwnPolicy(unit, context, { id, body });
  const target =
    body.targetUrl === undefined ? undefined : await insertTarget(unit, context, { id, url: body.targetUrl });
  const attached = ownPolicy === undefined ? [] : [{ policy: ownPolicy, enabled: true }];
  const endpoints = secureEndpoints(
    { ...noEndpoints(), proxyRequest: attached },
    { policy: securePolicy, isPublic: false },
  );
  await insertDefaultResource(unit, context, { id, target, endpoints });
  await finishProject(unit, context, { id, body, securePolicy });
  return getProject(unit.tx, id);
}

/** Host names that stand in a list twice. */
export function duplicateHosts(hosts: readonly string[]): ProblemDetail[] {
  return hosts.flatMap((host, index) =>
    hosts.indexOf(host) < index
      ? [{ pointer: `/hosts/${index}`, code: 'duplicate', message: `The host ${host} stands here twice.` }]
      : [],
  );
}

function checkFields(body: CreateProject): void {
  const errors: ProblemDetail[] = duplicateHosts(body.hosts);
  for (const { kinds, fields } of FIELDS_OF_KIND) {
    if (kinds.some((kind) => kind === body.kind)) continue;
    for (const field of fields)
      if (body[field] !== undefined)
        errors.push({
          pointer: `/${field}`,
          code: 'not_for_kind',
          message: `Only for projects of kind ${kinds.join(' or ')}, this one is ${PROJECT_KIND_TITLES[body.kind]}.`,
        });
  }
  if (!isProxied(body.kind) && body.secureWith !== 'none')
    errors.push({ pointer: '/secureWith', code: 'not_for_kind', message: ONLY_PROXIED_ARE_SECURED });
  if (isProxied(body.kind) && body.secureWith === 'none')
    for (const field of ['tokenIn', 'scopes'] as const)
      if (body[field] !== undefined)
        errors.push({ pointer: `/${field}`, code: 'not_allowed', message: 'Only together with secureWith: oauth.' });
  if (errors.length > 0) throw validationFailed(errors);
}

function verifyConfig(body: CreateProject): object {
  return {
    ...(body.tokenIn === undefined ? {} : { tokenIn: body.tokenIn }),
    ...(body.scopes === undefined ? {} : { scopes: body.scopes }),
  };
}

async function insertProject(
  unit: Unit,
  project: { readonly id: string; readonly name: string; readonly body: CreateProject },
): Promise<void> {
  const { body } = project;
  const { hosts, description, keepContextPath, allowPathForms, trailingSlash, endpoints, secureWith } = body;
  const data = { hosts, description, keepContextPath, allowPathForms, trailingSlash, endpoints, secureWith };
  await unit.tx
    .insertInto('projects')
    .values({
      ...newRecordColumns(unit, { ...project, displayName: body.displayName, data }),
      kind: body.kind,
      context_path: body.contextPath,
      draft_revision: 1,
    })
    .execute();
}

/** The policy that makes an end point of the authorization server; undefined for other kinds. */
async function insertOwnPolicy(
  unit: Unit,
  context: ManagerContext,
  project: { readonly id: string; readonly body: CreateProject },
): Promise<string | undefined> {
  const { kind, accessTokenExpiryMs, tokenProject } = project.body;
  if (kind !== TOKEN_ENDPOINT_TYPE && kind !== AUTHORIZATION_ENDPOINT_TYPE) return undefined;
  const type = getPolicyType(context.policyTypes, kind);
  const data =
    kind === AUTHORIZATION_ENDPOINT_TYPE
      ? { tokenProject: await findTokenProject(unit.tx, tokenProject) }
      : accessTokenExpiryMs === undefined
        ? {}
        : { accessTokenExpiryMs };
  parseWith(type.schema, data);
  const record = { id: newId('pol', context.random), name: kind, displayName: type.title, data };
  await unit.tx
    .insertInto('policies')
    .values({ ...newRecordColumns(unit, record), project_id: project.id, type: kind })
    .execute();
  return record.name;
}

async function insertTarget(
  unit: Unit,
  context: ManagerContext,
  target: { readonly id: string; readonly url: string },
): Promise<string> {
  const url = targetUrlSchema.safeParse(target.url);
  if (!url.success)
    throw wrongValue('/targetUrl', 'invalid', url.error.issues[0]?.message ?? 'This is not a target URL.');
  const fields = createTarget.parse({ displayName: 'Default', urls: [{ url: target.url }] });
  const record = {
    id: newId('tgt', context.random),
    name: 'default',
    displayName: 'Default',
    data: targetData(fields),
  };
  await unit.tx
    .insertInto('targets')
    .values({ ...newRecordColumns(unit, record), project_id: target.id })
    .execute();
  return record.name;
}

async function insertDefaultResource(
  unit: Unit,
  context: ManagerContext,
  resource: {
    readonly id: string;
    readonly target: string | undefined;
    readonly endpoints: ReturnType<typeof noEndpoints>;
  },
): Promise<void> {
  const { target, endpoints } = resource;
  const data = resourceData({ path: '/*', methods: [], public: false, target, endpoints });
  await unit.tx
    .insertInto('resources')
    .values({
      ...newRecordColumns(unit, { id: newId('res', context.random), ...DEFAULT_RESOURCE, data }),
      project_id: resource.id,
    })
    .execute();
}

/** What needs the policies to be there: the attachments at project level, and the name of the securing policy. */
async function finishProject(
  unit: Unit,
  context: ManagerContext,
  project: { readonly id: string; readonly body: CreateProject; readonly securePolicy: string | undefined },
): Promise<void> {
  const { id, body, securePolicy } = project;
  const policies = await listPolicies(unit.tx, id, context.policyTypes);
  const errors = endpointsErrors(body.endpoints, { policies, types: context.policyTypes });
  if (errors.length > 0) throw validationFailed(errors);
  if (securePolicy === undefined) return;
  const { hosts, description, keepContextPath, allowPathForms, trailingSlash, endpoints, secureWith } = body;
  const data = {
    hosts,
    description,
    keepContextPath,
    allowPathForms,
    trailingSlash,
    endpoints,
    secureWith,
    securePolicy,
  };
  await unit.tx
    .updateTable('projects')
    .set({ data: JSON.stringify(data) })
    .where('id', '=', id)
    .execute();
}
