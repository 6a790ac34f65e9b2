import { isDeepStrictEqual } from 'node:util';
import { type Attachment, PHASES } from '#core/model/endpoint';
import type { ImportDiff } from '#core/model/import';
import type { Project } from '#core/model/project';
import { DEFAULT_RESOURCE, type Resource } from '#core/model/resource';
import { FreeNames } from '../document/names.ts';
import type { ResourceOrigin } from '../origins.ts';
import { securityOf } from './create.ts';
import { shapeOf } from './path-pattern.ts';
import type { ReadOperation } from './reading.ts';
import type { ScopePolicies } from './scope-policies.ts';

/** What a document is compared with. */
export interface Present {
  readonly project: Project;
  readonly resources: readonly Resource[];
  readonly origins: readonly ResourceOrigin[];
  readonly policies: ScopePolicies;
  /** Names of the policies that only secure: they are no reason to ask before a resource goes. */
  readonly securing: ReadonlySet<string>;
  /** Display names of policies by name. */
  readonly titles: ReadonlyMap<string, string>;
}

/** A resource whose operation is in the document. */
interface Matched {
  readonly resource: Resource;
  readonly operation: ReadOperation;
  /** Undefined: the resource was made by hand and takes the same calls. */
  readonly origin: ResourceOrigin | undefined;
}

/** A resource that changes. */
export interface ChangedResource extends Matched {
  readonly after: Resource;
  readonly sentences: readonly string[];
}

/** What a document changes in a project. */
export interface Comparison {
  readonly added: readonly ReadOperation[];
  readonly removed: readonly Resource[];
  readonly changed: readonly ChangedResource[];
  readonly kept: readonly Matched[];
}

/**
 * Compares the operations of a document with the resources of a project. A resource is recognised by what it was made of, not by its name:
 * method and path, or else the operationId. What somebody changed by hand since then stays.
 */
export function compareOperations(operations: readonly ReadOperation[], present: Present): Comparison {
  const { matched, added, removed } = match(operations, present);
  const compared = matched.map((one) => ({ one, ...compareResource(one, present) }));
  const names = new FreeNames(present.resources);
  return {
    added: added.map((operation) => ({ ...operation, ...names.take(operation.displayName, operation.displayName) })),
    removed,
    changed: compared.flatMap(({ one, after, sentences }) =>
      sentences.length === 0 ? [] : [{ ...one, after, sentences }],
    ),
    kept: compared.flatMap(({ one, sentences }) => (sentences.length === 0 ? [one] : [])),
  };
}

function match(operations: readonly ReadOperation[], { resources, origins }: Present) {
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const left = new Map(origins.map((origin) => [origin.resourceId, origin]));
  const matched = new Map<ReadOperation, Matched>();
  const take = (operation: ReadOperation, origin: ResourceOrigin | undefined): void => {
    const resource = origin === undefined ? undefined : byId.get(origin.resourceId);
    if (origin === undefined || resource === undefined) return;
    left.delete(origin.resourceId);
    matched.set(operation, { resource, operation, origin });
  };
  const byKey = new Map(origins.map((origin) => [origin.key, origin]));
  for (const operation of operations) take(operation, byKey.get(operation.key));
  const byOperationId = new Map([...left.values()].map((origin) => [origin.data.operationId, origin]));
  for (const operation of operations)
    if (operation.operationId !== undefined && !matched.has(operation)) {
      const origin = byOperationId.get(operation.operationId);
      if (origin !== undefined && left.has(origin.resourceId)) take(operation, origin);
    }
  const imported = new Set(origins.map(({ resourceId }) => resourceId));
  const handMade = new Map(
    resources
      .filter(({ id, name }) => name !== DEFAULT_RESOURCE.name && !imported.has(id))
      .flatMap((resource) =>
        resource.methods.map((method): [string, Resource] => [`${method} ${shapeOf(resource.path)}`, resource]),
      ),
  );
  const added: ReadOperation[] = [];
  for (const operation of operations) {
    if (matched.has(operation)) continue;
    const resource = handMade.get(operation.key);
    if (resource === undefined) added.push(operation);
    else matched.set(operation, { resource, operation, origin: undefined });
  }
  const removed = [...left.keys()].flatMap((id) => byId.get(id) ?? []);
  return { matched: [...matched.values()], added, removed };
}

const FIELDS = ['displayName', 'path', 'methods', 'public'] as const;

function compareResource(
  { resource, operation, origin }: Matched,
  present: Present,
): { readonly after: Resource; readonly sentences: readonly string[] } {
  if (origin === undefined) return { after: resource, sentences: [] };
  const sentences: string[] = [];
  let after: Resource = resource;
  for (const field of FIELDS) {
    const isNew = !isDeepStrictEqual(origin.data[field], operation[field]);
    const isUntouched = isDeepStrictEqual(origin.data[field], resource[field]);
    if (!isNew || !isUntouched || (field === 'public' && present.project.secureWith === 'none')) continue;
    after = { ...after, [field]: operation[field] };
    sentences.push(fieldSentence(field, resource, after));
  }
  const secured = compareSecurity({ resource: after, operation, origin }, present);
  if (secured === undefined) return { after, sentences };
  if (!sentences.includes(secured.sentence)) sentences.push(secured.sentence);
  return { after: secured.after, sentences };
}

function fieldSentence(field: (typeof FIELDS)[number], before: Resource, after: Resource): string {
  switch (field) {
    case 'displayName':
      return `Name ${before.displayName} → ${after.displayName}`;
    case 'path':
      return `Path ${before.path} → ${after.path}`;
    case 'methods':
      return `Methods ${before.methods.join(' ')} → ${after.methods.join(' ')}`;
    case 'public':
      return after.public ? 'Needs no token any more' : 'Needs a token from now on';
  }
}

/** What the document asks of a token, when that changed: the policy for it takes the place of the one before. */
function compareSecurity(
  { resource, operation, origin }: Required<Matched>,
  { project, policies }: Present,
): { readonly after: Resource; readonly sentence: string } | undefined {
  if (origin === undefined || project.securePolicy === undefined) return undefined;
  const { data } = origin;
  const isSame =
    data.public === operation.public &&
    data.scopeMatch === operation.scopeMatch &&
    isDeepStrictEqual(data.scopes, [...operation.scopes]);
  if (isSame) return undefined;
  const before = policies.find(data) ?? project.securePolicy;
  const wanted: readonly Attachment[] = securityOf(operation, project, policies);
  const { proxyRequest } = resource.endpoints;
  const index = proxyRequest.findIndex(({ policy }) => policy === before);
  const isThere = wanted.some(({ policy }) => proxyRequest.some((attached) => attached.policy === policy));
  const rest = index < 0 ? proxyRequest : proxyRequest.toSpliced(index, 1);
  const attachments = isThere ? rest : rest.toSpliced(Math.max(0, index), 0, ...wanted);
  const endpoints = { ...resource.endpoints, proxyRequest: attachments };
  if (isDeepStrictEqual(endpoints, resource.endpoints)) return undefined;
  const sentence =
    data.public === operation.public
      ? `Scopes ${scopeWords(data)} → ${scopeWords(operation)}`
      : operation.public
        ? 'Needs no token any more'
        : 'Needs a token from now on';
  return { after: { ...resource, endpoints }, sentence };
}

function scopeWords({ scopes, scopeMatch }: Pick<ReadOperation, 'scopes' | 'scopeMatch'>): string {
  return scopes.length === 0 ? 'none' : scopes.join(scopeMatch === 'any' ? ' or ' : ' ');
}

/** The lists of a diff as the API shows them. */
export function shownComparison(
  comparison: Comparison,
  present: Present,
): Pick<ImportDiff, 'added' | 'removed' | 'changed' | 'kept'> {
  const shown = ({
    name,
    displayName,
    path,
    methods,
  }: Pick<Resource, 'name' | 'displayName' | 'path' | 'methods'>) => ({
    ...{ name, displayName, path, methods: [...methods] },
  });
  return {
    added: comparison.added.map(shown),
    removed: comparison.removed.map((resource) => {
      const policies = attachedPolicies(resource, present);
      return { ...shown(resource), policies, needsChoice: policies.length > 0 };
    }),
    changed: comparison.changed.map(({ resource, sentences }) => ({ ...shown(resource), sentences: [...sentences] })),
    kept: comparison.kept.length,
  };
}

/** Display names of the policies attached to a resource, but for those that only secure it. */
export function attachedPolicies({ endpoints }: Resource, { securing, titles }: Present): string[] {
  const names = PHASES.flatMap((phase) => endpoints[phase].map(({ policy }) => policy));
  return [...new Set(names)].filter((name) => !securing.has(name)).map((name) => titles.get(name) ?? name);
}
