import { newId } from '#core/id';
import type { Endpoints } from '#core/model/endpoint';
import type { Project } from '#core/model/project';
import type { Resource } from '#core/model/resource';
import type { ManagerContext } from '../context.ts';
import { parseWith } from '../http/validation.ts';
import { getPolicyType } from '../records/policy.ts';
import { listParts } from '../records/project-part.ts';
import { newRecordColumns } from '../records/record.ts';
import { parseResource, updateResource } from '../records/resource.ts';
import type { Unit } from '../unit-of-work.ts';

// Secure API with (decision 16): a property of the project. One policy, first at Proxy Request of every resource, also of those added later.

/** Why a token end point cannot be secured. */
export const ONLY_PROXIED_ARE_SECURED = 'Only http and wsdl projects can be secured.';

const SECURE_TYPE = 'oauth-verify-access-token';

/**
 * The policy that *Secure API with: OAuth* puts on resources: the project's own of that name, or a new one.
 * @param config settings for a new one; wrong ones are pointed at as fields of the body
 * @returns its name
 */
export async function ensureSecurePolicy(
  unit: Unit,
  context: ManagerContext,
  request: { readonly projectId: string; readonly config: object },
): Promise<string> {
  const policies = await listParts(unit.tx, 'policies', request.projectId);
  const existing = policies.find((policy) => policy.name === SECURE_TYPE && policy.type === SECURE_TYPE);
  if (existing !== undefined) return existing.name;
  const type = getPolicyType(context.policyTypes, SECURE_TYPE);
  parseWith(type.schema, request.config);
  const names = policies.map((policy) => policy.name);
  const name = [SECURE_TYPE, ...names.map((_, i) => `${SECURE_TYPE}-${i + 2}`)].find((free) => !names.includes(free));
  const record = {
    id: newId('pol', context.random),
    name: name ?? SECURE_TYPE,
    displayName: type.title,
    data: request.config,
  };
  await unit.tx
    .insertInto('policies')
    .values({ ...newRecordColumns(unit, record), project_id: request.projectId, type: SECURE_TYPE })
    .execute();
  return record.name;
}

/** What {@link secureEndpoints} goes by. */
export interface SecureRule {
  /** The policy of *Secure API with*; undefined: none. */
  readonly policy: string | undefined;
  readonly isPublic: boolean;
  /** Every policy that secures as well as it does (core/model/securing.ts); left out: only itself. */
  readonly securing?: ReadonlySet<string>;
}

/**
 * A resource's endpoints as *Secure API with* wants them: a securing policy is there unless the resource is public; if one must be put in, it
 * goes first.
 */
export function secureEndpoints(endpoints: Endpoints, rule: SecureRule): Endpoints {
  const { policy } = rule;
  if (policy === undefined) return endpoints;
  const others = endpoints.proxyRequest.filter(
    (attachment) => attachment.policy !== policy && rule.securing?.has(attachment.policy) !== true,
  );
  if (rule.isPublic) return { ...endpoints, proxyRequest: others };
  if (others.length < endpoints.proxyRequest.length) return endpoints;
  return { ...endpoints, proxyRequest: [{ policy, enabled: true }, ...others] };
}

/** Puts the policy on every resource of the project that is not public, or takes it from all. */
export async function secureResources(
  unit: Unit,
  project: Pick<Project, 'id'>,
  rule: { readonly policy: string; readonly isAttached: boolean; readonly securing: ReadonlySet<string> },
): Promise<void> {
  for (const row of await listParts(unit.tx, 'resources', project.id)) {
    const before = parseResource(row);
    const endpoints = rule.isAttached
      ? secureEndpoints(before.endpoints, { ...rule, isPublic: before.public })
      : without(before, rule.policy);
    if (endpoints !== before.endpoints) await updateResource(unit, row, { ...before, endpoints });
  }
}

function without(resource: Resource, policy: string): Endpoints {
  const { endpoints } = resource;
  const proxyRequest = endpoints.proxyRequest.filter((attachment) => attachment.policy !== policy);
  return proxyRequest.length === endpoints.proxyRequest.length ? endpoints : { ...endpoints, proxyRequest };
}
