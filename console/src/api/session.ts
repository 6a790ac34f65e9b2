import { useQuery } from '@tanstack/react-query';
import { grantsAllow, isGroupRole, type Permission, ROLE_TITLES, rolesWith } from '#core/model/role';
import type { Session } from '#core/model/user';
import { api, setCsrfToken } from './client.ts';
import { ApiProblem } from './problem.ts';
import { queryClient } from './query-client.ts';

/** Key of the session among the queries. */
const SESSION_KEY = ['session'] as const;

/** Takes a session that was just made, at sign-in or set-up. */
export function takeSession(session: Session): Session {
  setCsrfToken(session.csrfToken);
  queryClient.setQueryData(SESSION_KEY, session);
  return session;
}

/** Who is signed in; `undefined`: nobody. @throws ApiUnreachable */
export async function loadSession(): Promise<Session | undefined> {
  try {
    return takeSession(await api.get<Session>('/session'));
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return undefined;
    throw error;
  }
}

/** Ends the session here, or every session and key of the person, and leaves nothing of it on the page. */
export async function signOut(everywhere = false): Promise<void> {
  await api.remove(everywhere ? '/session?everywhere=true' : '/session');
  setCsrfToken(undefined);
  queryClient.clear();
}

/** The session of the person who looks at a screen behind sign-in. */
export function useSession(): Session {
  const { data } = useQuery<Session>({
    queryKey: SESSION_KEY,
    queryFn: async () => takeSession(await api.get<Session>('/session')),
    staleTime: 60_000,
  });
  if (data === undefined) throw new Error('A screen behind sign-in is shown to nobody.');
  return data;
}

/** Whether somebody may do something, and if not, why. */
export interface Right {
  readonly allowed: boolean;
  /** e.g. `Needs the Releaser role`; undefined when it is allowed. */
  readonly reason: string | undefined;
}

/** The right of the person who is signed in, on one server group when it is about one (by name). */
export function useRight(permission: Permission, serverGroup?: string): Right {
  const { roles } = useSession();
  if (grantsAllow(roles, permission, serverGroup)) return { allowed: true, reason: undefined };
  const [first] = rolesWith(permission).filter((role) => role !== 'admin');
  const role = first ?? 'admin';
  const where = serverGroup !== undefined && isGroupRole(role) ? ` on ${serverGroup}` : '';
  return { allowed: false, reason: `Needs the ${ROLE_TITLES[role]} role${where}` };
}
