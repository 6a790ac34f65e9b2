import type { Session } from '#core/model/user';
import { beginSession, endSession, type SessionFrom } from '../access/session.ts';
import type { ManagerContext } from '../context.ts';
import type { Answer } from '../operation.ts';
import type { Unit } from '../unit-of-work.ts';
import type { People } from './services.ts';
import { showSession } from './session-view.ts';
import type { UserTable } from './tables.ts';

/** A session that was begun, and the cookie that carries it. */
export interface Entered {
  readonly session: Session;
  readonly cookie: string;
}

/** From where somebody enters, and the session that their browser had, which ends. */
export interface EnterFrom extends SessionFrom {
  readonly sessionSecret: string | undefined;
}

/** Signs somebody in, inside a change: a new session, and the one that this browser had is over. */
export async function enter(
  unit: Unit,
  place: { readonly context: ManagerContext; readonly people: People },
  who: { readonly user: UserTable; readonly from: EnterFrom },
): Promise<Entered> {
  const { context, people } = place;
  const { from } = who;
  if (from.sessionSecret !== undefined) await endSession(unit.tx, from.sessionSecret);
  const user = { ...who.user, last_signed_in_at: unit.now };
  await unit.tx.updateTable('users').set({ last_signed_in_at: unit.now }).where('id', '=', user.id).execute();
  const { row, secret } = await beginSession(unit.tx, user, { now: unit.now, random: context.random, from });
  return {
    session: await showSession(context, unit.tx, { session: row, user, secret }),
    cookie: people.cookies.session(secret, from.keepSignedIn ? row.ends_at - unit.now : undefined),
  };
}

/** The answer to somebody who entered. */
export function enteredAnswer({ session, cookie }: Entered): Answer<Session> {
  return { body: session, cookies: [cookie] };
}
