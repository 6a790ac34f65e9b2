import * as z from 'zod';
import {
  applyAuthorizationProfile,
  applyProfile,
  authorizationDeviationsOf,
  type Deviation,
  deviationsOf,
  PROFILES,
  type Profile,
} from '#core/model/oauth-profile';
import type { Policy } from '#core/model/policy';
import type { PolicyProfile } from '#core/model/policy-profile';
import type { AnyPolicyType } from '#core/policy';
import type { Reader } from '../database.ts';
import { wrongValue } from '../http/validation.ts';
import { listPolicies } from '../records/policy.ts';

const TOKEN = 'oauth-token-endpoint';
const AUTHORIZATION = 'oauth-authorization-endpoint';

const withProfile = z.object({ profile: z.enum(PROFILES) });
const withTokenProject = z.object({ tokenProject: z.string() });

/** A policy that may follow a profile, with its settings as they take effect. */
type Followed = Pick<Policy, 'type' | 'config'>;

/** Settings that are not as the profile has them. @throws ProblemError `validation_failed` for policies that follow none */
export function changesOf({ type, config }: Followed, profile: Profile): readonly Deviation[] {
  switch (type) {
    case TOKEN:
      return deviationsOf(config, profile);
    case AUTHORIZATION:
      return authorizationDeviationsOf(config, profile);
    default:
      throw wrongValue('/profile', 'no_profile', `A policy of type ${type} follows no profile; ${TOKEN} does.`);
  }
}

/**
 * What is to be stored so that a policy follows the profile: of the settings that were given, only those that change are replaced, whole,
 * so that what was left to its default stays so.
 */
export function configFor(
  policy: Followed,
  given: Readonly<Record<string, unknown>>,
  profile: Profile,
): Record<string, unknown> {
  const apply = policy.type === TOKEN ? applyProfile : applyAuthorizationProfile;
  const applied = apply(policy.config, profile);
  const changed = new Set(changesOf(policy, profile).map(({ pointer }) => pointer.split('/')[1] ?? ''));
  const set = Object.fromEntries([...changed].map((name) => [name, applied[name]]));
  return { ...given, ...set, ...(policy.type === TOKEN && { profile }) };
}

/** The profile that a policy says it follows; undefined: it says none. */
export function profileOf(config: unknown): Profile | undefined {
  return withProfile.safeParse(config).data?.profile;
}

/** What the authorization end points of a token end point do otherwise than the profile has it, by their drafts. */
export async function otherChanges(
  reader: Reader,
  { tokenProject, profile, types }: { tokenProject: string; profile: Profile; types: readonly AnyPolicyType[] },
): Promise<PolicyProfile['others']> {
  const others: PolicyProfile['others'] = [];
  const projects = await reader
    .selectFrom('projects')
    .select(['id', 'name'])
    .where('kind', '=', AUTHORIZATION)
    .orderBy('name')
    .execute();
  for (const { id, name } of projects) {
    for (const policy of await listPolicies(reader, id, types)) {
      if (policy.type !== AUTHORIZATION) continue;
      if (withTokenProject.safeParse(policy.config).data?.tokenProject !== tokenProject) continue;
      const changes = changesOf(policy, profile);
      if (changes.length > 0) others.push({ project: name, policy: policy.name, changes: [...changes] });
    }
  }
  return others;
}
