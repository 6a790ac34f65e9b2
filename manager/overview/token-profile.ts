import * as z from 'zod';
import { PROFILES, type Profile } from '#core/model/oauth-profile';
import type { Policy } from '#core/model/policy';
import type { Project } from '#core/model/project';
import type { ManagerContext } from '../context.ts';
import { listPolicies } from '../records/policy.ts';

const named = z.object({ tokenProject: z.string() });
const withProfile = z.object({ profile: z.enum(PROFILES) });

/** The profile that an authorization end point is held against: that of the token end point it names, in its draft. */
export async function findTokenProfile(
  { db: { read }, policyTypes }: ManagerContext,
  { kind }: Project,
  policies: readonly Policy[],
): Promise<Profile | undefined> {
  if (kind !== 'oauth-authorization-endpoint') return undefined;
  const config = policies.find(({ type }) => type === 'oauth-authorization-endpoint')?.config;
  const name = named.safeParse(config).data?.tokenProject;
  if (name === undefined) return undefined;
  const row = await read.selectFrom('projects').select('id').where('name', '=', name).executeTakeFirst();
  if (row === undefined) return undefined;
  const ofToken = await listPolicies(read, row.id, policyTypes);
  return withProfile.safeParse(ofToken.find(({ type }) => type === 'oauth-token-endpoint')?.config).data?.profile;
}
