import type { FastifyRequest } from 'fastify';
import type { Clock } from '#core/clock';
import { sameHash, sha256Hex } from '#core/credential';
import { ProblemError } from '#core/problem';
import type { Reader } from '../database.ts';
import { mustAddSecondFactor } from '../people/second-factor-rule.ts';
import { readSettings } from '../people/settings.ts';
import { rolesOfKey } from '../records/management-key.ts';
import { userDataOf } from '../records/user.ts';
import type { ManagementKeyTable } from '../tables.ts';
import type { Cookies } from './cookie.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import { sharedGrants } from './key-grants.ts';
import type { LastUsed } from './last-used.ts';
import { addressOf, type Principal } from './principal.ts';
import { findSession } from './session.ts';

/** What finding out who calls needs. */
export interface Authentication {
  readonly read: Reader;
  readonly clock: Clock;
  readonly failed: FailedAttempts;
  readonly lastUsed: LastUsed;
  readonly cookies: Cookies;
}

/**
 * Who calls: by `Authorization: Bearer <management key>`, or else by the session's cookie. Both are looked up by their hash each time, with the
 * roles of their person: what ends or changes does so at once.
 * @throws ProblemError `unauthenticated`, `too_many_requests`
 */
export async function authenticate(deps: Authentication, request: FastifyRequest): Promise<Principal> {
  if (request.headers.authorization !== undefined) return authenticateKey(deps, request);
  const secret = deps.cookies.readSession(request);
  if (secret !== undefined) return authenticateSession(deps, request, secret);
  deps.failed.check(addressOf(request));
  throw new ProblemError('unauthenticated', 'Sign in, or send a management key: Authorization: Bearer gwm_…');
}

async function authenticateKey(deps: Authentication, request: FastifyRequest): Promise<Principal> {
  const address = addressOf(request);
  deps.failed.check(address);
  const found = await findKey(deps, sha256Hex(bearerKey(request)));
  if (found === undefined) {
    deps.failed.note(address);
    throw new ProblemError('unauthenticated', 'The management key is not known or has ended.');
  }
  deps.lastUsed.noteKey(found.keyId ?? '', deps.clock.now());
  return found;
}

function bearerKey(request: FastifyRequest): string {
  const fields = request.raw.headersDistinct.authorization ?? [];
  const [field = ''] = fields;
  const key = /^Bearer +([\x21-\x7E]{1,512})$/i.exec(field)?.[1];
  if (fields.length > 1 || key === undefined)
    throw new ProblemError('unauthenticated', 'Send one Authorization header, of the form: Bearer gwm_…');
  return key;
}

async function findKey(deps: Authentication, hash: string): Promise<Principal | undefined> {
  const row = await deps.read.selectFrom('management_keys').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined || !sameHash(row.hash, hash)) return undefined;
  if (row.ends_at !== null && row.ends_at <= deps.clock.now()) return undefined;
  return row.owner_id === null
    ? { name: row.name, via: 'api', grants: rolesOfKey(row), keyId: row.id }
    : principalOfOwner(deps, row, row.owner_id);
}

/** A personal key: never more than its owner may at this moment, and nothing when they may not sign in. */
async function principalOfOwner(
  deps: Authentication,
  key: ManagementKeyTable,
  ownerId: string,
): Promise<Principal | undefined> {
  const owner = await deps.read.selectFrom('users').selectAll().where('id', '=', ownerId).executeTakeFirst();
  if (owner === undefined || owner.active !== 1) return undefined;
  const grants = sharedGrants(rolesOfKey(key), userDataOf(owner).roles);
  return { name: owner.name, via: 'api', grants, userId: owner.id, keyId: key.id };
}

async function authenticateSession(deps: Authentication, request: FastifyRequest, secret: string): Promise<Principal> {
  const now = deps.clock.now();
  const found = await findSession(deps.read, secret, { now, seenAt: deps.lastUsed.sessionSeenAt });
  if (found === undefined) throw new ProblemError('unauthenticated', 'The session has ended. Sign in again.');
  const { session, user } = found;
  // What a page asks by itself does not keep somebody signed in who went away.
  if (request.headers['x-background'] === undefined) deps.lastUsed.noteSession(session.id, now);
  const isHeldBack = mustAddSecondFactor(user, await readSettings(deps.read));
  return {
    name: user.name,
    via: 'console',
    grants: isHeldBack ? [] : userDataOf(user).roles,
    userId: user.id,
    sessionId: session.id,
    ...(isHeldBack && { mustAddSecondFactor: true }),
  };
}
