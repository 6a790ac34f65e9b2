import type { Principal } from '../access/principal.ts';
import type { ManagerContext } from '../context.ts';

/** True while the session or key of a principal is good: streams ask, since they outlive the check at their begin. */
export async function isStillEntitled(
  { db, clock }: ManagerContext,
  principal: Principal | undefined,
): Promise<boolean> {
  if (principal === undefined || principal.via === 'socket') return true;
  const now = clock.now();
  if (principal.sessionId !== undefined) {
    const session = await db.read
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.user_id')
      .select(['sessions.ends_at', 'sessions.generation', 'users.generation as user_generation', 'users.active'])
      .where('sessions.id', '=', principal.sessionId)
      .executeTakeFirst();
    if (session === undefined || session.active !== 1) return false;
    return Number(session.ends_at) > now && session.generation === session.user_generation;
  }
  if (principal.keyId === undefined) return false;
  const key = await db.read
    .selectFrom('management_keys')
    .leftJoin('users', 'users.id', 'management_keys.owner_id')
    .select(['management_keys.ends_at', 'management_keys.owner_id', 'users.active'])
    .where('management_keys.id', '=', principal.keyId)
    .executeTakeFirst();
  if (key === undefined || (key.ends_at !== null && Number(key.ends_at) <= now)) return false;
  return key.owner_id === null || key.active === 1;
}
