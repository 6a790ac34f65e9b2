import type { RoleGrant } from '#core/model/role';

/** True for the same grants, in whatever order. */
export function isSameRoles(a: readonly RoleGrant[], b: readonly RoleGrant[]): boolean {
  return textOf(a) === textOf(b);
}

function textOf(grants: readonly RoleGrant[]): string {
  return JSON.stringify(grants.map(({ role, serverGroup = '' }) => `${role} ${serverGroup}`).toSorted());
}
