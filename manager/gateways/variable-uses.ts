import type { ServerGroup } from '#core/model/server-group';
import { type ProjectSnapshot, projectSnapshot } from '#core/model/version';
import type { AnyPolicyType } from '#core/policy';
import { type ProblemDetail, ProblemError } from '#core/problem';
import { findSelectors, resolveSelectors, type Selector, selectorText } from '#core/selector';
import { selectorFields } from '#core/selector-names';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import type { GroupVariableTable } from './tables.ts';
import { selectorOf, valuesOf } from './variables.ts';

/** What of a snapshot refers to the variables of its server group: what is missing, and settings that the values make invalid. */
export interface SelectorFindings {
  readonly missing: readonly Selector[];
  readonly errors: readonly ProblemDetail[];
}

/** Looks at every policy's settings with the values of a server group. Errors never hold a value. */
export function checkSelectors(
  snapshot: ProjectSnapshot,
  {
    values,
    group,
    types,
  }: {
    readonly values: ReadonlyMap<string, string>;
    readonly group: Pick<ServerGroup, 'displayName'>;
    readonly types: readonly AnyPolicyType[];
  },
): SelectorFindings {
  const missing = new Map<string, Selector>();
  const errors = snapshot.policies.flatMap(({ name, displayName, type, config }): ProblemDetail[] => {
    const policyType = types.find((one) => one.name === type);
    const used = findSelectors(selectorFields(policyType, config));
    const unknown = used.filter((selector) => !values.has(selectorText(selector)));
    for (const selector of unknown) missing.set(selectorText(selector), selector);
    const pointer = `/policies/${name}/config`;
    if (unknown.length > 0)
      return unknown.map((selector) => ({
        pointer,
        code: 'unknown_variable',
        message: `Policy ${displayName} uses ${selectorText(selector)}, and ${group.displayName} has no such ${selector.kind === 'secrets' ? 'secret' : 'variable'}.`,
      }));
    if (used.length === 0) return [];
    const twofold = used.filter((selector) => values.get(selectorText(selector))?.includes('${'));
    if (twofold.length > 0)
      return twofold.map((selector) => ({
        pointer,
        code: 'invalid_config',
        message: `Policy ${displayName} uses ${selectorText(selector)}, whose value in ${group.displayName} holds a dollar sign with a brace: it would begin a selector.`,
      }));
    const fields = selectorFields(policyType, config);
    const resolved = resolveSelectors(fields, (selector) => values.get(selectorText(selector)) ?? '');
    return (policyType?.schema.safeParse({ ...config, ...Object(resolved) }).error?.issues ?? []).map((issue) => ({
      pointer: [pointer, ...issue.path.map(String)].join('/'),
      code: 'invalid_config',
      message: `Policy ${displayName}, with the values of ${group.displayName}: ${issue.path.join('.') || 'settings'}: ${issue.message}`,
    }));
  });
  return { missing: [...missing.values()], errors };
}

/** A change of one variable of a server group, before it is made. */
export interface VariableChange {
  readonly group: ServerGroup;
  readonly before: readonly GroupVariableTable[];
  readonly after: readonly GroupVariableTable[];
  readonly name: string;
}

/**
 * Refuses a change that would break what is deployed: gateways would keep the old value and say so, but whoever changes it wants to know.
 * @throws ProblemError `in_use` when it would be missing, `validation_failed` when a policy does not take the value
 */
export async function checkVariableChange(
  context: ManagerContext,
  reader: Reader,
  { group, before, after, name }: VariableChange,
): Promise<void> {
  const touched = [...before, ...after].filter((row) => row.name === name).map(selectorOf);
  const values = valuesOf(after, context.masterKeys.secretBox());
  for (const { project, snapshot } of await deployedOn(reader, group.id)) {
    const used = findSelectors(snapshot.policies.map(({ config }) => config)).map(selectorText);
    if (!touched.some((selector) => used.includes(selectorText(selector)))) continue;
    const { missing, errors } = checkSelectors(snapshot, { values, group, types: context.policyTypes });
    const [gone] = missing;
    if (gone !== undefined)
      throw new ProblemError(
        'in_use',
        `${project}, deployed on ${group.displayName}, uses ${selectorText(gone)}. Deploy a version without it first.`,
        { fixes: [{ text: 'See what runs where.', command: 'gatewright status' }] },
      );
    const [wrong] = errors;
    if (wrong !== undefined)
      throw new ProblemError('validation_failed', `${project}, deployed on ${group.displayName}: ${wrong.message}`, {
        errors: [{ pointer: '/value', code: 'invalid_config', message: wrong.message }],
      });
  }
}

async function deployedOn(reader: Reader, serverGroupId: string) {
  const rows = await reader
    .selectFrom('deployments')
    .innerJoin('projects', 'projects.id', 'deployments.project_id')
    .innerJoin('versions', (join) =>
      join
        .onRef('versions.project_id', '=', 'deployments.project_id')
        .onRef('versions.number', '=', 'deployments.version'),
    )
    .select(['projects.display_name', 'versions.snapshot'])
    .where('deployments.server_group_id', '=', serverGroupId)
    .where('deployments.state', '=', 'live')
    // Few snapshots have a selector: the others are not parsed.
    .where('versions.snapshot', 'like', '%${%')
    .execute();
  return rows.map(({ display_name, snapshot }) => ({
    project: display_name,
    snapshot: projectSnapshot.parse(JSON.parse(snapshot)),
  }));
}
