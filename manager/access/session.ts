import { sha256Hex } from '#core/credential';
import { base62, newId } from '#core/id';
import type { Random } from '#core/random';
import type { Reader, Tx } from '../database.ts';
import { readSettings } from '../people/settings.ts';
import type { SessionTable, UserTable } from '../people/tables.ts';

const SECRET_CHARACTERS = 43; // base 62: 256 bits
const SESSIONS_OF_USER = 50;
const USER_AGENT_CHARACTERS = 200;

/** A session that was begun: its secret goes into the cookie, and nowhere else. */
export interface NewSession {
  readonly row: SessionTable;
  readonly secret: string;
}

/** Where somebody signs in from. */
export interface SessionFrom {
  readonly address: string;
  readonly userAgent: string;
  readonly keepSignedIn: boolean;
}

/** Begins a session, always with a new id: what a browser brought along is never taken over. */
export async function beginSession(
  tx: Tx,
  user: Pick<UserTable, 'id' | 'generation'>,
  at: { readonly now: number; readonly random: Random; readonly from: SessionFrom },
): Promise<NewSession> {
  const { now, random, from } = at;
  const { sessionIdleMs, sessionMaxMs, keptSessionMs } = await readSettings(tx);
  const secret = base62(random, SECRET_CHARACTERS);
  const row: SessionTable = {
    id: newId('ses', random),
    hash: sha256Hex(secret),
    user_id: user.id,
    generation: user.generation,
    created_at: now,
    last_seen_at: now,
    idle_ms: from.keepSignedIn ? keptSessionMs : sessionIdleMs,
    ends_at: now + (from.keepSignedIn ? keptSessionMs : sessionMaxMs),
    kept: from.keepSignedIn ? 1 : 0,
    address: from.address.slice(0, 64),
    user_agent: from.userAgent.slice(0, USER_AGENT_CHARACTERS),
  };
  await tx.deleteFrom('sessions').where('ends_at', '<=', now).execute();
  const others = await tx
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', user.id)
    .orderBy('created_at', 'desc')
    .offset(SESSIONS_OF_USER - 1)
    .limit(SESSIONS_OF_USER)
    .execute();
  for (const { id } of others) await tx.deleteFrom('sessions').where('id', '=', id).execute();
  await tx.insertInto('sessions').values(row).execute();
  return { row, secret };
}

/** A session and whose it is. */
export interface FoundSession {
  readonly session: SessionTable;
  readonly user: UserTable;
}

/**
 * The session of a cookie's secret; undefined when it ended in whatever way. Asked of the database each time, so that what ends ends at once.
 * @param seenAt when it was used last, as far as that is not written down yet
 */
export async function findSession(
  reader: Reader,
  secret: string,
  at: { readonly now: number; seenAt(sessionId: string): number | undefined },
): Promise<FoundSession | undefined> {
  if (!/^[0-9A-Za-z]{43}$/.test(secret)) return undefined;
  const session = await reader
    .selectFrom('sessions')
    .selectAll()
    .where('hash', '=', sha256Hex(secret))
    .executeTakeFirst();
  if (session === undefined) return undefined;
  const seenAt = Math.max(Number(session.last_seen_at), at.seenAt(session.id) ?? 0);
  if (session.ends_at <= at.now || seenAt + Number(session.idle_ms) <= at.now) return undefined;
  const user = await reader.selectFrom('users').selectAll().where('id', '=', session.user_id).executeTakeFirst();
  if (user === undefined || user.active !== 1 || user.generation !== session.generation) return undefined;
  return { session: { ...session, last_seen_at: seenAt }, user };
}

/** Ends the session of a secret, if there is one. */
export async function endSession(tx: Tx, secret: string): Promise<void> {
  await tx.deleteFrom('sessions').where('hash', '=', sha256Hex(secret)).execute();
}

/** The CSRF token of a session: made of its secret, so that it changes with it, and known only to who may read the session. */
export function csrfTokenOf(secret: string): string {
  return sha256Hex(`gatewright csrf\n${secret}`);
}
