import type { ImportDiff, REMOVED_CHOICES } from '#core/model/import';
import type { Project } from '#core/model/project';
import { securingPolicies } from '#core/model/securing';
import type { ManagerContext } from '../../context.ts';
import type { Reader } from '../../database.ts';
import { validationFailed } from '../../http/validation.ts';
import { givenConfig, listPolicies } from '../../records/policy.ts';
import { touchDraft } from '../../records/project.ts';
import { listParts } from '../../records/project-part.ts';
import { listResources, parseResource, updateResource } from '../../records/resource.ts';
import { listTargets } from '../../records/target.ts';
import type { Unit } from '../../unit-of-work.ts';
import { forgetOrigins, listOrigins, type NewOrigin, saveOrigins } from '../origins.ts';
import { attachedPolicies, type Comparison, compareOperations, type Present, shownComparison } from './compare.ts';
import { insertOperations, originDataOf } from './create.ts';
import type { ReadOperation } from './reading.ts';
import { createScopePolicies } from './scope-policies.ts';

/** A diff and what it was made of. */
export interface ReadDiff {
  readonly comparison: Comparison;
  readonly present: Present;
  readonly shown: Pick<ImportDiff, 'added' | 'removed' | 'changed' | 'kept'>;
}

/** Compares the operations of a document with a project as it is. */
export async function diffOperations(
  reader: Reader,
  context: ManagerContext,
  request: { readonly project: Project; readonly operations: readonly ReadOperation[] },
): Promise<ReadDiff> {
  const { project, operations } = request;
  const policies = await listPolicies(reader, project.id, context.policyTypes);
  const given = new Map((await listParts(reader, 'policies', project.id)).map((row) => [row.name, givenConfig(row)]));
  const known = policies.map((policy) => ({ ...policy, config: given.get(policy.name) ?? {} }));
  const base = given.get(project.securePolicy ?? '') ?? {};
  const present: Present = {
    project,
    resources: await listResources(reader, project.id),
    origins: await listOrigins(reader, project.id),
    policies: createScopePolicies(known, base),
    securing: securingPolicies(project.securePolicy, policies),
    titles: new Map(policies.map(({ name, displayName }) => [name, displayName])),
  };
  const comparison = compareOperations(operations, present);
  return { comparison, present, shown: shownComparison(comparison, present) };
}

/** By name of a resource whose operation is gone: what happens to it. */
export type RemovedChoices = Readonly<Record<string, (typeof REMOVED_CHOICES)[number]>>;

/**
 * Makes a project's draft as the document says; whoever calls notes it in the audit trail.
 * @throws ProblemError at /removed/… when a removed resource has policies and nobody said what is to become of it
 */
export async function mergeOperations(
  unit: Unit,
  context: ManagerContext,
  request: { readonly diff: ReadDiff; readonly removed: RemovedChoices },
): Promise<void> {
  const { comparison, present } = request.diff;
  const { project } = present;
  checkChoices(comparison, present, request.removed);
  const rows = new Map((await listParts(unit.tx, 'resources', project.id)).map((row) => [row.id, row]));
  const targets = (await listTargets(unit.tx, project.id)).map(({ name }) => name);
  const target = targets.includes('default') ? 'default' : targets.length === 1 ? targets[0] : undefined;
  await insertOperations(unit, context, { project, policies: present.policies, operations: comparison.added, target });
  await present.policies.save(unit, project.id, context.random);
  for (const { resource, after } of comparison.changed) {
    const row = rows.get(resource.id);
    if (row !== undefined) await updateResource(unit, row, { ...parseResource(row), ...after });
  }
  const matched = [...comparison.changed, ...comparison.kept];
  await saveOrigins(
    unit.tx,
    matched.map(
      ({ resource, operation }): NewOrigin => ({
        ...{ resourceId: resource.id, projectId: project.id, key: operation.key, data: originDataOf(operation) },
      }),
    ),
  );
  for (const { id, name } of comparison.removed) {
    if (request.removed[name] === 'keep') await forgetOrigins(unit.tx, [id]);
    else await unit.tx.deleteFrom('resources').where('id', '=', id).execute();
  }
  await touchDraft(unit.tx, project.id);
}

function checkChoices(comparison: Comparison, present: Present, removed: RemovedChoices): void {
  const undecided = comparison.removed.flatMap((resource) => {
    const policies = attachedPolicies(resource, present);
    if (policies.length === 0 || Object.hasOwn(removed, resource.name)) return [];
    const n = policies.length === 1 ? '1 policy' : `${policies.length} policies`;
    return [
      {
        pointer: `/removed/${resource.name}`,
        code: 'required',
        message: `${resource.displayName} is gone from the document and has ${n} (${policies.join(', ')}). Say keep or remove.`,
      },
    ];
  });
  const names = new Set(comparison.removed.map(({ name }) => name));
  const unknown = Object.keys(removed)
    .filter((name) => !names.has(name))
    .map((name) => ({
      pointer: `/removed/${name}`,
      code: 'not_allowed',
      message: `${name} is not among the resources that are gone from the document.`,
    }));
  if (undecided.length + unknown.length > 0) throw validationFailed([...undecided, ...unknown]);
}
