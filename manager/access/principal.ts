import type { FastifyRequest } from 'fastify';
import { grantsAllow, isEveryones, type Permission, ROLE_TITLES, type RoleGrant, rolesWith } from '#core/model/role';
import { ProblemError } from '#core/problem';

/** Who calls the management API, once it is known. */
export interface Principal {
  /** User name; for machine keys the key's name; `local` on the socket. */
  readonly name: string;
  readonly via: 'console' | 'api' | 'socket';
  /** What they may do at this moment. */
  readonly grants: readonly RoleGrant[];
  /** The person; undefined for machine keys and on the socket. */
  readonly userId?: string;
  /** The management key that calls. */
  readonly keyId?: string;
  /** Id (not the secret) of the session that calls. */
  readonly sessionId?: string;
  /** A second factor is demanded and they have none: nothing but setting one up is allowed. */
  readonly mustAddSecondFactor?: boolean;
}

/** The CLI on this machine: whoever may open the socket file may do everything. */
export const localPrincipal: Principal = { name: 'local', via: 'socket', grants: [{ role: 'admin' }] };

/** Who does something, as far as rights go. */
export type Entitled = Pick<Principal, 'grants'> | { readonly grants?: readonly RoleGrant[] | undefined };

/** A server group, as far as refusals name it. */
export interface GroupName {
  readonly name: string;
  readonly displayName: string;
}

/** True when a principal may do what an operation demands; for what is done to one server group, ask {@link demandOn} too. */
export function mayDo(principal: Principal, permission: Permission): boolean {
  return permission === 'open' || isEveryones(permission) || grantsAllow(principal.grants, permission);
}

/** @throws ProblemError `forbidden` "Needs the Releaser role." */
export function demand(principal: Principal, permission: Permission): void {
  if (mayDo(principal, permission)) return;
  if (principal.mustAddSecondFactor === true)
    throw new ProblemError('forbidden', 'A second factor is required here. Set one up first, in your profile.');
  throw new ProblemError('forbidden', `${needs(permission)}.`);
}

/**
 * Checks a permission for one server group, where a Releaser or Operator may be one of another group only. `who` without grants may nothing.
 * @throws ProblemError `forbidden` "Needs the Releaser role on Production."
 */
export function demandOn(who: Entitled, permission: Permission, group: GroupName): void {
  if (grantsAllow(who.grants ?? [], permission, group.name)) return;
  throw new ProblemError('forbidden', `${needs(permission)} on ${group.displayName}.`);
}

/** "Needs the Designer or Operator role": the roles that would do, Admin only where no other does. */
function needs(permission: Permission): string {
  const others = rolesWith(permission).filter((role) => role !== 'admin');
  const titles = (others.length === 0 ? (['admin'] as const) : others).map((role) => ROLE_TITLES[role]);
  const last = titles.at(-1) ?? '';
  return `Needs the ${titles.length > 1 ? `${titles.slice(0, -1).join(', ')} or ${last}` : last} role`;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; undefined on open operations. */
    principal: Principal | undefined;
  }
}

/** The caller's address, for limits and records; empty on the socket. */
export function addressOf(request: FastifyRequest): string {
  return request.ip ?? '';
}
