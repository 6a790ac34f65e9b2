import type { FastifyRequest } from 'fastify';
import type { Permission } from '#core/model/role';

/** Who calls the management API, once it is known. */
export interface Principal {
  /** Name of the management key; `local` on the socket. */
  readonly name: string;
  readonly via: 'api' | 'socket';
  readonly role: 'admin';
  /** Id of the management key; undefined on the socket. */
  readonly keyId: string | undefined;
}

/** The CLI on this machine: whoever may open the socket file may do everything. */
export const localPrincipal: Principal = { name: 'local', via: 'socket', role: 'admin', keyId: undefined };

/** What each role may do. Admin: everything. */
const ROLES: Readonly<Record<Principal['role'], (permission: Permission) => boolean>> = {
  admin: () => true,
};

/** True when a principal may do what an operation demands. */
export function mayDo(principal: Principal, permission: Permission): boolean {
  return permission === 'open' || ROLES[principal.role](permission);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; undefined on open operations without a key. */
    principal: Principal | undefined;
  }
}

/** The caller's address, for limits and records; empty on the socket. */
export function addressOf(request: FastifyRequest): string {
  return request.ip ?? '';
}
