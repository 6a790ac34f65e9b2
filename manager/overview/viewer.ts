import { grantsAllow, type Permission } from '#core/model/role';

/** Who looks at a screen: what they may read decides what the answer holds. */
export interface Viewer {
  /** True when they have a permission; with a server group (by name): there. */
  may(permission: Permission, serverGroup?: string): boolean;
}

/** The viewer of a call. */
export function viewerOf(_call: object): Viewer {
  return { may: (permission, serverGroup) => grantsAllow([{ role: 'admin' }], permission, serverGroup) };
}
