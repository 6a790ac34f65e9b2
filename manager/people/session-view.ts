import type { Session } from '#core/model/user';
import { csrfTokenOf, type FoundSession } from '../access/session.ts';
import type { ManagerContext } from '../context.ts';
import type { Reader } from '../database.ts';
import { userDataOf } from '../records/user.ts';
import { mustAddSecondFactor } from './second-factor-rule.ts';
import { readSettings } from './settings.ts';

/** Who is signed in, as the console sees it. */
export async function showSession(
  context: ManagerContext,
  reader: Reader,
  found: FoundSession & { readonly secret: string },
): Promise<Session> {
  const { session, user, secret } = found;
  const { email, roles } = userDataOf(user);
  const settings = await readSettings(reader);
  return {
    user: {
      id: user.id,
      name: user.name,
      displayName: user.display_name,
      email,
      secondFactor: user.totp_confirmed === 1,
      source: user.source,
    },
    roles,
    mustAddSecondFactor: mustAddSecondFactor(user, settings),
    csrfToken: csrfTokenOf(secret),
    signedInAt: Number(session.created_at),
    idleEndsAt: Math.min(Number(session.last_seen_at) + Number(session.idle_ms), Number(session.ends_at)),
    teamName: settings.teamName,
    version: context.options.version,
  };
}
