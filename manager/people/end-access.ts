import type { Unit } from '../unit-of-work.ts';
import type { UserTable } from './tables.ts';

/** What was ended of a person. */
export interface EndedAccess {
  readonly sessions: number;
  /** Names of the personal keys. */
  readonly keys: readonly string[];
  /** The person's generation from now on. */
  readonly generation: number;
}

/**
 * Ends every session, personal key and password link of a person (docs/decisions/0014): what was handed out under other roles or another
 * password is worth nothing any more, from the commit on.
 */
export async function endAccess(unit: Unit, user: Pick<UserTable, 'id' | 'generation'>): Promise<EndedAccess> {
  const generation = user.generation + 1;
  await unit.tx.updateTable('users').set({ generation }).where('id', '=', user.id).execute();
  const sessions = await unit.tx.deleteFrom('sessions').where('user_id', '=', user.id).executeTakeFirst();
  const keys = await unit.tx
    .selectFrom('management_keys')
    .select('name')
    .where('owner_id', '=', user.id)
    .orderBy('name')
    .execute();
  await unit.tx.deleteFrom('management_keys').where('owner_id', '=', user.id).execute();
  await unit.tx.deleteFrom('password_links').where('user_id', '=', user.id).execute();
  return { sessions: Number(sessions.numDeletedRows), keys: keys.map(({ name }) => name), generation };
}

/** "; 2 sessions and the keys ci, laptop ended", or nothing. */
export function endedWords({ sessions, keys }: EndedAccess): string {
  const parts = [
    ...(sessions === 0 ? [] : [sessions === 1 ? '1 session' : `${sessions} sessions`]),
    ...(keys.length === 0 ? [] : [`${keys.length === 1 ? 'the key' : 'the keys'} ${keys.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(' and ')} ended`;
}
