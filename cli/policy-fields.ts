import { type Api, at } from './api.ts';
import type { Assignment, TypeOf } from './assignment.ts';
import { type JsonSchema, typeAt } from './json-schema.ts';

/** Fields of a policy itself; all others are settings of its type and lie in `config`. */
const OWN_FIELDS = new Set(['name', 'displayName', 'type', 'config']);

/** A policy type, as the API describes it. */
export interface PolicyTypeView {
  readonly name: string;
  readonly title: string;
  readonly phases: readonly string[];
  readonly schema: JsonSchema;
}

/** Settings are written without `config.`: `tokenIn=query`. */
export function policyAssignments(assignments: readonly Assignment[]): Assignment[] {
  return assignments.map((assignment) =>
    OWN_FIELDS.has(assignment.path[0]) ? assignment : { ...assignment, path: ['config', ...assignment.path] },
  );
}

/** The types of a policy's fields, by the schema of its type. @throws CliError (not found) when there is no such type */
export async function openPolicyFields(api: Api, type: string): Promise<TypeOf> {
  const { schema } = await api.get<PolicyTypeView>(at`/policy-types/${type}`);
  return ([field, ...further]) => (field === 'config' ? typeAt(schema, further) : 'text');
}
