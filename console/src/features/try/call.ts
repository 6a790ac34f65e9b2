import type { TryRequest } from '#core/model/try';
import type { UrlState } from '../../components/url-state.ts';

/** A name and a value, as typed in rows. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** What is typed on the screen. */
export interface Call extends Record<string, unknown> {
  project: string;
  serverGroup: string;
  method: string;
  path: string;
  query: Pair[];
  headers: Pair[];
  body: string;
  /** How the call proves itself: not at all, with a token that is got for a subscription, or with one that is pasted. */
  auth: 'none' | 'subscription' | 'token';
  subscription: string;
  token: string;
}

/** Methods to choose from. */
export const TRY_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Methods that send a body. */
export const WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** A call from what the address says (a replay, or a link from a project), or from the last one. */
export function callFrom(url: UrlState): Call {
  return {
    project: url.project ?? '',
    serverGroup: url.serverGroup ?? '',
    method: url.method ?? 'GET',
    path: url.path ?? '/',
    query: [],
    headers: [],
    body: '',
    auth: url.subscription === undefined ? 'none' : 'subscription',
    subscription: url.subscription ?? '',
    token: '',
  };
}

/** The body of `POST /try` for a call. `contextPath` is taken off a path that has it: people paste whole paths. */
export function requestOf(call: Call, contextPath: string): TryRequest {
  const named = (pairs: readonly Pair[]) =>
    pairs.filter(({ name }) => name.trim() !== '').map(({ name, value }) => ({ name: name.trim(), value }));
  return {
    project: call.project,
    serverGroup: call.serverGroup,
    method: call.method as TryRequest['method'],
    path: behind(contextPath, call.path.trim()),
    query: named(call.query),
    headers: named(call.headers),
    ...(WITH_BODY.includes(call.method) && call.body !== '' && { body: call.body }),
    ...(call.auth === 'subscription' && call.subscription !== '' && { subscription: call.subscription }),
    ...(call.auth === 'token' && call.token.trim() !== '' && { token: call.token.trim() }),
  };
}

function behind(contextPath: string, path: string): string {
  const isWhole = contextPath !== '/' && (path === contextPath || path.startsWith(`${contextPath}/`));
  const rest = isWhole ? path.slice(contextPath.length) : path;
  return rest === '' || rest.startsWith('/') ? rest : `/${rest}`;
}
