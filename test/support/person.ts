import http from 'node:http';
import type { System } from './system.ts';

/** An answer, with what matters of its head. */
export interface PersonAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** Its `code`, when it is a problem document. */
  readonly code: string;
}

/** How to ask. */
interface Wish {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Address to come from; the machine's loopback network has many. */
  readonly from?: string;
}

/** Asks a system over TCP, with header fields and addresses that `fetch` does not let one choose. `path` behind the origin. */
export function ask(system: System, method: string, path: string, wish: Wish = {}): Promise<PersonAnswer> {
  const { hostname, port } = new URL(system.console);
  const body = wish.body === undefined ? undefined : JSON.stringify(wish.body);
  const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...wish.headers };
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        hostname,
        port,
        method,
        path,
        headers,
        agent: false,
        ...(wish.from !== undefined && { localAddress: wish.from }),
      },
      async (answer) => {
        const text = (await answer.toArray()).join('');
        const code = /"code":"(\w+)"/.exec(text)?.[1] ?? '';
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, code });
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

/** Somebody who is signed in. */
export interface Person {
  /** `name=value`. */
  readonly cookie: string;
  readonly csrfToken: string;
  /** What a page of the console sends beside the cookie. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Signs in, or throws. */
export async function signInAs(
  system: System,
  given: { readonly name: string; readonly password: string },
  wish: Omit<Wish, 'body'> = {},
): Promise<Person> {
  const answer = await ask(system, 'POST', '/api/v1/session', { ...wish, body: given });
  const [field = ''] = answer.headers['set-cookie'] ?? [];
  const [cookie = ''] = field.split(';');
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`);
  const { csrfToken } = JSON.parse(answer.text) as { csrfToken: string };
  const origin = { origin: system.console, 'sec-fetch-site': 'same-origin' };
  return { cookie, csrfToken, headers: { cookie, 'x-csrf-token': csrfToken, ...origin } };
}
