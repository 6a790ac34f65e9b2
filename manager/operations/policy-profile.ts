import * as z from 'zod';
import { PROFILES, type Profile } from '#core/model/oauth-profile';
import type { Policy } from '#core/model/policy';
import { choosePolicyProfile, type PolicyProfile, policyProfile } from '#core/model/policy-profile';
import type { Project } from '#core/model/project';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { changesOf, configFor, otherChanges, profileOf } from '../drafts/policy-profile.ts';
import { operation, pathParams } from '../operation.ts';
import { findTokenProfile } from '../overview/token-profile.ts';
import { checkConfig, getPolicyType, givenConfig, parsePolicy } from '../records/policy.ts';
import { getProject, touchDraft } from '../records/project.ts';
import { getPart } from '../records/project-part.ts';
import { changedRecordColumns } from '../records/record.ts';
import { checkRevision } from '../revision.ts';
import { change } from '../unit-of-work.ts';

const path = '/projects/:project/policies/:policy/profile';

/** Profiles of the authorization server: what one would change of a policy, and the choice of one. */
export const policyProfileOperations = [
  operation({
    id: 'policies.getProfile',
    method: 'GET',
    path,
    permission: 'projects:read',
    summary:
      'Read what a policy of the authorization server has otherwise than a profile: what choosing it would change.',
    params: pathParams('project', 'policy'),
    query: z.strictObject({
      profile: z
        .enum(PROFILES)
        .optional()
        .describe('Default: the one that the policy, or its token end point, follows.'),
    }),
    response: policyProfile,
    handler: async ({ context, params, query }) => {
      const { read } = context.db;
      const project = await getProject(read, params.project);
      const row = await getPart(read, 'policies', { projectId: project.id, reference: params.policy });
      const policy = parsePolicy(row, context.policyTypes);
      const profile = query.profile ?? (await followed(context, project, policy));
      return {
        body: await standingOf({ context, reader: read }, { project, policy, profile }),
        revision: row.revision,
      };
    },
  }),
  operation({
    id: 'policies.chooseProfile',
    method: 'PUT',
    path,
    permission: 'projects:write',
    summary:
      'Set a policy of the authorization server as a profile has it. Settings that the profile does not speak of stay.',
    params: pathParams('project', 'policy'),
    body: choosePolicyProfile,
    response: policyProfile,
    ifMatch: true,
    handler: ({ context, actor, params, body: { profile }, ifMatch }) =>
      change(context, actor, async (unit) => {
        const project = await getProject(unit.tx, params.project);
        const row = await getPart(unit.tx, 'policies', { projectId: project.id, reference: params.policy });
        checkRevision(ifMatch, row.revision);
        const before = parsePolicy(row, context.policyTypes);
        const body = await standingOf({ context, reader: unit.tx }, { project, policy: before, profile });
        const data = configFor(before, givenConfig(row), profile);
        checkConfig(getPolicyType(context.policyTypes, row.type), data);
        const columns = changedRecordColumns(unit, row, { displayName: row.display_name, data });
        await unit.tx.updateTable('policies').set(columns).where('id', '=', row.id).execute();
        await touchDraft(unit.tx, project.id);
        const after = parsePolicy({ ...row, ...columns }, context.policyTypes);
        const sentence = `Policy ${after.name} of project ${project.name} was set as the profile ${profile} has it.`;
        unit.audit({ objectKind: 'policy', objectId: after.id, objectName: after.name, sentence, before, after });
        return { body, revision: after.revision };
      }),
  }),
];

/** The profile of the policy itself, or that of the token end point to which an authorization end point belongs. */
async function followed(context: ManagerContext, project: Project, policy: Policy): Promise<Profile> {
  return profileOf(policy.config) ?? (await findTokenProfile(context, project, [policy])) ?? 'custom';
}

async function standingOf(
  { context, reader }: { readonly context: ManagerContext; readonly reader: Reader },
  { project, policy, profile }: { readonly project: Project; readonly policy: Policy; readonly profile: Profile },
): Promise<PolicyProfile> {
  const changes = [...changesOf(policy, profile)];
  const isToken = project.kind === 'oauth-token-endpoint';
  const place = { tokenProject: project.name, profile, types: context.policyTypes };
  return { profile, changes, others: isToken ? await otherChanges(reader, place) : [] };
}
