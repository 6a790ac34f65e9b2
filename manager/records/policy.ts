import type { Policy } from '#core/model/policy';
import type { AnyPolicyType } from '#core/policy';
import type { Reader } from '../database.ts';
import { nearestName } from '../http/nearest-name.ts';
import { parseWith, wrongValue } from '../http/validation.ts';
import type { PolicyTable } from '../tables.ts';
import { listParts } from './project-part.ts';
import { dataOf, recordFieldsOf } from './record.ts';

/** A policy out of its row. Its settings are shown as they take effect: defaults filled in. */
export function parsePolicy(row: PolicyTable, types: readonly AnyPolicyType[]): Policy {
  const given = givenConfig(row);
  const type = types.find(({ name }) => name === row.type);
  const effective = type?.schema.safeParse(given);
  const config = effective?.success === true ? effective.data : given;
  return {
    ...recordFieldsOf(row),
    projectId: row.project_id,
    type: row.type,
    config,
    summary: type !== undefined && effective?.success === true ? type.summarize(effective.data) : '',
  };
}

/** The settings as they were given, without defaults. */
export function givenConfig(row: PolicyTable): Record<string, unknown> {
  return dataOf(row);
}

/** A policy type by name. @throws ProblemError `validation_failed` at /type, naming the nearest */
export function getPolicyType(types: readonly AnyPolicyType[], name: string): AnyPolicyType {
  const found = types.find((type) => type.name === name);
  if (found !== undefined) return found;
  const names = types.map((type) => type.name);
  const meant = nearestName(name, names);
  const hint = meant === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${meant}"?`;
  throw wrongValue('/type', 'unknown_policy_type', `There is no policy type "${name}". ${hint}`);
}

/** Settings that a policy type accepts. @throws ProblemError `validation_failed` with pointers below `pointer` */
export function checkConfig(type: AnyPolicyType, config: unknown, pointer = '/config'): void {
  parseWith(type.schema, config, pointer);
}

/** All policies of a project, oldest first. */
export async function listPolicies(
  reader: Reader,
  projectId: string,
  types: readonly AnyPolicyType[],
): Promise<Policy[]> {
  return (await listParts(reader, 'policies', projectId)).map((row) => parsePolicy(row, types));
}
