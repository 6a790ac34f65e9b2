import type { ApiAnswer, RunningManager } from './running-manager.ts';

/** Name and password of the administrator that {@link setUp} makes. */
export const ADMIN = { name: 'anna', password: 'a calm sea and prosperous voyage' } as const;

/** Somebody who is signed in, as their browser holds it. */
export interface ConsoleSession {
  /** `name=value` of the session's cookie. */
  readonly cookie: string;
  readonly csrfToken: string;
  /** Calls the API as a page of the console does. */
  call(request: string, options?: { body?: unknown; headers?: Readonly<Record<string, string>> }): Promise<ApiAnswer>;
}

/** Makes the first administrator with the setup link of a manager that was started without bootstrap token. */
export async function setUp(manager: RunningManager, sample = false): Promise<ConsoleSession> {
  const token = manager.setupLink?.split('/').at(-1);
  const body = { ...ADMIN, token, teamName: 'Harbour', sample };
  return sessionOf(manager, await manager.call('POST /setup', { key: '', body }));
}

/** Signs in. */
export async function signIn(
  manager: RunningManager,
  given: { readonly name: string; readonly password: string; readonly code?: string },
): Promise<ConsoleSession> {
  return sessionOf(manager, await manager.call('POST /session', { key: '', body: given }));
}

/** The session that an answer began. */
export function sessionOf(manager: RunningManager, answer: ApiAnswer): ConsoleSession {
  const [cookie] = answer.headers.getSetCookie().map((field) => field.split(';')[0] ?? '');
  if (answer.status >= 300 || cookie === undefined) throw new Error(`No session: ${answer.status} ${answer.text}`);
  const { csrfToken } = answer.body;
  return {
    cookie,
    csrfToken,
    call: (request, { body, headers } = {}) =>
      manager.call(request, {
        key: '',
        body,
        headers: {
          cookie,
          origin: manager.address,
          'sec-fetch-site': 'same-origin',
          'x-csrf-token': csrfToken,
          ...headers,
        },
      }),
  };
}
