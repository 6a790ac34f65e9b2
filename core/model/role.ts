/** Roles of the console and the management API, the one that may most first. */
export const ROLES = ['admin', 'designer', 'releaser', 'apps-manager', 'operator', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Roles as people read them. */
export const ROLE_TITLES: Readonly<Record<Role, string>> = {
  admin: 'Admin',
  designer: 'Designer',
  releaser: 'Releaser',
  'apps-manager': 'Apps manager',
  operator: 'Operator',
  viewer: 'Viewer',
};

/** What each role is for, in one line. */
export const ROLE_PURPOSES: Readonly<Record<Role, string>> = {
  admin: 'Everything, people and settings too.',
  designer: 'Projects and their policies.',
  releaser: 'Deploy and roll back.',
  'apps-manager': 'Products, clients, subscriptions and keys.',
  operator: 'Monitor, request log and why a call was refused.',
  viewer: 'Look, change nothing.',
};

/** Roles that may be granted for one server group only. */
export const GROUP_ROLES = ['releaser', 'operator'] as const satisfies readonly Role[];

/** What may be read and written; `noun:read` and `noun:write` are permissions. */
export const NOUNS = [
  'status',
  'projects',
  'policy-types',
  'deployments',
  'server-groups',
  'gateways',
  'products',
  'clients',
  'subscriptions',
  'keys',
  'requests',
  'metrics',
  'try',
  'imports',
  'audit',
  'users',
  'management-keys',
  'identity-providers',
  'resource-owners',
  'directories',
  'settings',
  'master-key',
  'signing-keys',
  'token-stores',
] as const;
export type Noun = (typeof NOUNS)[number];

/** A permission; `own:` ones are everybody's who is signed in, for what is theirs: profile, session, keys. */
export type Permission = 'open' | `${Noun | 'own'}:${'read' | 'write'}`;

/** True when a text is a permission of this table. */
export function isPermission(text: string): text is Permission {
  const [noun, act, ...rest] = text.split(':');
  if (text === 'open') return true;
  const isKnown = noun === 'own' || NOUNS.some((known) => known === noun);
  return isKnown && (act === 'read' || act === 'write') && rest.length === 0;
}

/** True for what everybody may do with what is theirs, whatever their roles. */
export function isEveryones(permission: Permission): boolean {
  return permission === 'own:read' || permission === 'own:write';
}

/** What everybody who is signed in may read: what runs, what is published, how the traffic is, and why a call was refused. */
const SEEN_BY_ALL: readonly Permission[] = [
  'own:read',
  'own:write',
  'status:read',
  'projects:read',
  'policy-types:read',
  'deployments:read',
  'server-groups:read',
  'gateways:read',
  'products:read',
  'clients:read',
  'subscriptions:read',
  'metrics:read',
  'requests:read',
];

const ROLE_PERMISSIONS: Readonly<Record<Exclude<Role, 'admin'>, readonly Permission[]>> = {
  designer: ['projects:write', 'imports:write', 'try:write', 'token-stores:read'],
  releaser: ['deployments:write', 'try:write'],
  'apps-manager': [
    'products:write',
    'clients:write',
    'subscriptions:write',
    'keys:read',
    'keys:write',
    'resource-owners:read',
    'resource-owners:write',
    'directories:read',
  ],
  operator: ['try:write', 'gateways:write', 'keys:read', 'audit:read', 'token-stores:read'],
  viewer: [],
};

/** A role, everywhere or, for Releaser and Operator, on one server group. */
export interface RoleGrant {
  readonly role: Role;
  /** Name of the one server group on which it holds. */
  readonly serverGroup?: string | undefined;
}

/** True for roles that may be granted per server group. */
export function isGroupRole(role: Role): boolean {
  return GROUP_ROLES.some((known) => known === role);
}

/** True when a role, by itself, has a permission. */
function roleMay(role: Role, permission: Permission): boolean {
  if (permission === 'open' || role === 'admin') return true;
  return SEEN_BY_ALL.includes(permission) || ROLE_PERMISSIONS[role].includes(permission);
}

/**
 * True when any of the grants has a permission. `serverGroup`: for what is done to one server group, its name; without it a grant for one
 * group counts too, and whoever does it has to ask again with the group.
 */
export function grantsAllow(grants: readonly RoleGrant[], permission: Permission, serverGroup?: string): boolean {
  // What everybody may see is not cut down to one server group by a role that holds on one.
  if (SEEN_BY_ALL.includes(permission)) return grants.length > 0;
  return grants.some(
    (grant) =>
      roleMay(grant.role, permission) &&
      (serverGroup === undefined || grant.serverGroup === undefined || grant.serverGroup === serverGroup),
  );
}

/** The roles that have a permission, for "Needs the Releaser role". */
export function rolesWith(permission: Permission): Role[] {
  return ROLES.filter((role) => roleMay(role, permission));
}
