import { type PolicyChain, policyChain } from '#core/model/policy-chain';
import type { Reader } from '../database.ts';
import type { ProjectPartTable } from '../tables.ts';
import { listParts } from './project-part.ts';
import { dataOf, recordFieldsOf } from './record.ts';

/** A policy chain out of its row. */
export function parsePolicyChain(row: ProjectPartTable): PolicyChain {
  return policyChain.parse({ ...recordFieldsOf(row), projectId: row.project_id, ...dataOf(row) });
}

/** What of a policy chain stands in `data`. */
export function policyChainData({ description, policies }: Pick<PolicyChain, 'description' | 'policies'>): object {
  return { description, policies };
}

/** All policy chains of a project, oldest first. */
export async function listPolicyChains(reader: Reader, projectId: string): Promise<PolicyChain[]> {
  return (await listParts(reader, 'policy_chains', projectId)).map(parsePolicyChain);
}
