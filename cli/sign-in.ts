import type { RoleGrant } from '#core/model/role';
import type { CliError } from './cli-error.ts';
import { type HttpAnswer, HttpFailure, send } from './http.ts';
import { problemError, unreachableError } from './problem-error.ts';
import type { ServerPlace } from './server-place.ts';

const TIMEOUT_MS = 30_000;

/** A session at a server, for as long as it takes to make a key. */
export interface SignedIn {
  readonly user: string;
  readonly roles: readonly RoleGrant[];
  post<Body>(path: string, body: unknown): Promise<Body>;
  /** Signs out. */
  end(): Promise<void>;
}

/**
 * Signs in with name and password, as the console does.
 * @throws CliError with code `second_factor_needed` when a code is missing, or `sign_in_failed`
 */
export async function signIn(
  place: ServerPlace & { readonly kind: 'url' },
  given: { readonly name: string; readonly password: string; readonly code?: string | undefined },
): Promise<SignedIn> {
  const answer = await call(place, 'POST', '/session', { body: given });
  const session: { user: { name: string }; roles: RoleGrant[]; csrfToken: string } = JSON.parse(
    answer.body.toString('utf8'),
  );
  const cookie = (answer.headers['set-cookie'] ?? []).map((field) => field.split(';')[0]).join('; ');
  const headers = { cookie, 'x-csrf-token': session.csrfToken, origin: place.url.origin };
  return {
    user: session.user.name,
    roles: session.roles,
    post: async (path, body) => JSON.parse((await call(place, 'POST', path, { body, headers })).body.toString('utf8')),
    async end() {
      await call(place, 'DELETE', '/session', { headers });
    },
  };
}

/** True when the password was right and a code is missing. */
export function needsCode(error: CliError): boolean {
  return error.code === 'second_factor_needed';
}

async function call(
  place: ServerPlace & { readonly kind: 'url' },
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> },
): Promise<HttpAnswer> {
  try {
    const answer = await send({
      method,
      url: new URL(`/api/v1${path}`, place.url),
      headers: {
        accept: 'application/json',
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.status >= 400) throw problemError(answer, place);
    return answer;
  } catch (error) {
    if (error instanceof HttpFailure) throw unreachableError(place, error);
    throw error;
  }
}
