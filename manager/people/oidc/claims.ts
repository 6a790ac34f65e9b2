import type { IdentityProvider } from '#core/model/identity-provider';
import { lineOf } from '#core/model/name';
import type { RoleGrant } from '#core/model/role';
import { userNameSchema } from '#core/model/user';

type Claims = Readonly<Record<string, unknown>>;

/** What a provider says of somebody, as far as it concerns us. */
export interface Person {
  readonly subject: string;
  /** User name; undefined when the claim has none that could be one. */
  readonly name: string | undefined;
  readonly displayName: string | undefined;
  readonly email: string;
  /** Roles by the mapping; undefined when the provider says nothing of roles. Empty: none. */
  readonly roles: readonly RoleGrant[] | undefined;
}

/** Reads claims as the provider's settings say. */
export function personOf(claims: Claims, settings: IdentityProvider): Person {
  const name = userNameSchema.safeParse(textOf(claims[settings.nameClaim]).toLowerCase());
  const isTrusted = settings.nameClaim !== 'email' || claims.email_verified !== false;
  const displayName = lineOf(textOf(claims.name)).trim().slice(0, 64);
  return {
    subject: textOf(claims.sub),
    name: name.success && isTrusted ? name.data : undefined,
    displayName: displayName === '' ? undefined : displayName,
    email: /^[^\s@]{1,64}@[^\s@]{1,180}$/.test(textOf(claims.email)) ? textOf(claims.email) : '',
    roles: settings.roleClaim === undefined ? undefined : rolesOf(claims[settings.roleClaim], settings),
  };
}

function rolesOf(value: unknown, { roleMapping, defaultRoles }: IdentityProvider): RoleGrant[] {
  const values = Array.isArray(value) ? value.map(textOf) : [textOf(value)];
  const mapped = roleMapping.filter((rule) => values.includes(rule.value)).flatMap(({ roles }) => roles);
  const grants = mapped.length === 0 ? defaultRoles : mapped;
  return [...new Map(grants.map((grant) => [`${grant.role} ${grant.serverGroup ?? ''}`, grant])).values()];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
