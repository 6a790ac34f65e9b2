import type { FastifyRequest } from 'fastify';
import type { Clock } from '#core/clock';
import { sameHash, sha256Hex } from '#core/credential';
import { ProblemError } from '#core/problem';
import type { Reader } from '../database.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { LastUsed } from './last-used.ts';
import { addressOf, type Principal } from './principal.ts';

/** What finding out who calls needs. */
export interface Authentication {
  readonly read: Reader;
  readonly clock: Clock;
  readonly failed: FailedAttempts;
  readonly lastUsed: LastUsed;
}

/**
 * Who calls, by `Authorization: Bearer <management key>`. The key is looked up by its hash in the database each time: a deleted key ends at
 * once.
 * @throws ProblemError `unauthenticated`, `too_many_requests`
 */
export async function authenticate(deps: Authentication, request: FastifyRequest): Promise<Principal> {
  const address = addressOf(request);
  deps.failed.check(address);
  const key = bearerKey(request);
  const found = await findKey(deps, sha256Hex(key));
  if (found === undefined) {
    deps.failed.note(address);
    throw new ProblemError('unauthenticated', 'The management key is not known or has ended.');
  }
  deps.lastUsed.note(found.id, deps.clock.now());
  return { name: found.name, via: 'api', role: 'admin', keyId: found.id };
}

function bearerKey(request: FastifyRequest): string {
  const fields = request.raw.headersDistinct.authorization ?? [];
  const [field] = fields;
  if (field === undefined)
    throw new ProblemError('unauthenticated', 'Send a management key: Authorization: Bearer gwm_…');
  const key = /^Bearer +([\x21-\x7E]{1,512})$/i.exec(field)?.[1];
  if (fields.length > 1 || key === undefined)
    throw new ProblemError('unauthenticated', 'Send one Authorization header, of the form: Bearer gwm_…');
  return key;
}

async function findKey(deps: Authentication, hash: string): Promise<{ id: string; name: string } | undefined> {
  const row = await deps.read
    .selectFrom('management_keys')
    .select(['id', 'name', 'hash', 'ends_at'])
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined || !sameHash(row.hash, hash)) return undefined;
  return row.ends_at !== null && row.ends_at <= deps.clock.now() ? undefined : { id: row.id, name: row.name };
}
