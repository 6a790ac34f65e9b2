import { grantsAllow, type Permission, type RoleGrant } from '#core/model/role';

/** Who looks at a screen: what they may read decides what the answer holds. */
export interface Viewer {
  /** True when they have a permission; with a server group (by name): there. */
  may(permission: Permission, serverGroup?: string): boolean;
}

/** The one who calls; without grants they may nothing. */
export function viewerOf({ grants = [] }: { readonly grants?: readonly RoleGrant[] | undefined }): Viewer {
  return { may: (permission, serverGroup) => grantsAllow(grants, permission, serverGroup) };
}
