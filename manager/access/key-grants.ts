import type { RoleGrant } from '#core/model/role';

/**
 * What a key may do: its own roles, cut down to what its owner may at this moment. Two different roles share what everybody may see, so no
 * more than Viewer is left of them; a role on one server group stays on that group.
 */
export function sharedGrants(ofKey: readonly RoleGrant[], ofOwner: readonly RoleGrant[]): RoleGrant[] {
  const shared = ofKey.flatMap((key) => ofOwner.map((owner) => sharedGrant(key, owner)));
  const distinct = new Map(shared.filter((grant) => grant !== undefined).map((grant) => [textOf(grant), grant]));
  return [...distinct.values()];
}

/** The grants among `wanted` that `own` does not cover. */
export function grantsBeyond(wanted: readonly RoleGrant[], own: readonly RoleGrant[]): RoleGrant[] {
  return wanted.filter((grant) => !sharedGrants([grant], own).some((shared) => textOf(shared) === textOf(grant)));
}

function sharedGrant(key: RoleGrant, owner: RoleGrant): RoleGrant | undefined {
  if (owner.role === 'admin') return key;
  if (key.role === 'admin') return owner;
  if (key.role !== owner.role) return { role: 'viewer' };
  if (key.serverGroup === undefined) return owner;
  if (owner.serverGroup === undefined || owner.serverGroup === key.serverGroup) return key;
  return { role: 'viewer' };
}

function textOf({ role, serverGroup }: RoleGrant): string {
  return serverGroup === undefined ? role : `${role} ${serverGroup}`;
}
