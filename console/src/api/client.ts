import type { Problem } from '#core/problem';
import { isSomebodyThere } from './presence.ts';
import { ApiProblem, ApiUnreachable } from './problem.ts';

const PREFIX = '/api/v1';

/** Values of a query; those that are undefined or empty are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What goes with a request. */
export interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  /** Revision that was read: the change is refused when somebody saved since. */
  readonly ifMatch?: number | '*';
  readonly signal?: AbortSignal;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

let csrfToken: string | undefined;
let onSignedOut: () => void = () => {};

/** Sets the token that unsafe requests of this session carry. */
export function setCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** Sets what happens when the session has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** An address of the API with its query. */
export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') params.set(name, String(value));
  const text = params.toString();
  return `${PREFIX}${path}${text === '' ? '' : `?${text}`}`;
}

/** A path of which each part is encoded: api`/projects/${name}`. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return String.raw({ raw: parts }, ...values.map((value) => encodeURIComponent(value)));
}

/**
 * Asks the management API.
 * @throws ApiProblem when it says no, ApiUnreachable when it does not answer
 */
async function request<Answer>(method: Method, address: string, options: RequestOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.ifMatch !== undefined) headers['if-match'] = options.ifMatch === '*' ? '*' : `"${options.ifMatch}"`;
  // What a page asks by itself does not keep a session from ending for being idle.
  if (method === 'GET' && !isSomebodyThere()) headers['x-background'] = 'true';
  if (method !== 'GET' && csrfToken !== undefined) headers['x-csrf-token'] = csrfToken;
  const response = await send(apiUrl(address, options.query), {
    method,
    headers,
    credentials: 'same-origin',
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    ...(options.signal !== undefined && { signal: options.signal }),
  });
  if (response.status === 204) return undefined as Answer;
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Answer;
  const problem = parseProblem(text, response.status);
  if (problem.code === 'unauthenticated') onSignedOut();
  throw new ApiProblem(problem, Number(response.headers.get('retry-after')) || undefined);
}

async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiUnreachable('The manager did not answer.');
  }
}

function parseProblem(text: string, status: number): Problem {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'title' in parsed)
      return parsed as Problem;
  } catch {
    // Not ours: something between the console and the manager answered.
  }
  return { type: '', title: `The answer was ${status}, without a reason.`, status, code: 'answer_unreadable' };
}

/** The management API, by method. */
export const api = {
  get: <Answer>(address: string, query?: Query, signal?: AbortSignal) =>
    request<Answer>('GET', address, { ...(query !== undefined && { query }), ...(signal !== undefined && { signal }) }),
  post: <Answer>(address: string, body: unknown = {}) => request<Answer>('POST', address, { body }),
  put: <Answer>(address: string, body: unknown, ifMatch: number | '*' = '*') =>
    request<Answer>('PUT', address, { body, ifMatch }),
  patch: <Answer>(address: string, body: unknown, ifMatch: number | '*' = '*') =>
    request<Answer>('PATCH', address, { body, ifMatch }),
  remove: (address: string, options: { readonly ifMatch?: number | '*'; readonly body?: unknown } = {}) =>
    request<undefined>('DELETE', address, { ifMatch: '*', ...options }),
};
