import type { TryRequest } from '#core/model/try';
import { wrongValue } from '../http/validation.ts';
import type { TokenPlace } from './token-place.ts';

/** What goes over the wire. */
export interface RequestParts {
  /** In origin form. */
  readonly target: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly body: string | undefined;
}

const FORM = 'application/x-www-form-urlencoded';

/**
 * Puts a request together: context path and path, encoded query, and the token at its place.
 * @throws ProblemError `validation_failed` when the token's place is taken
 */
export function requestParts(
  request: TryRequest,
  contextPath: string,
  token: { readonly value: string; readonly at: TokenPlace } | undefined,
): RequestParts {
  const query = request.query.map(({ name, value }) => `${encode(name)}=${encode(value)}`);
  const headers = [...request.headers];
  const has = (wanted: string) => headers.some(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  let { body } = request;
  if (token !== undefined && token.at.place === 'header') {
    if (has(token.at.name)) throw taken('/headers', `The token goes into ${token.at.name}; leave that field out.`);
    const value = token.at.prefix === '' ? token.value : `${token.at.prefix} ${token.value}`;
    headers.push({ name: token.at.name, value });
  } else if (token !== undefined && token.at.place === 'query') {
    query.push(`${encode(token.at.name)}=${encode(token.value)}`);
  } else if (token !== undefined) {
    if (!has('content-type')) headers.push({ name: 'Content-Type', value: FORM });
    body = `${body === undefined || body === '' ? '' : `${body}&`}${encode(token.at.name)}=${encode(token.value)}`;
  }
  const path = contextPath === '/' && request.path !== '' ? request.path : `${contextPath}${request.path}`;
  return { target: query.length === 0 ? path : `${path}?${query.join('&')}`, headers, body };
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function taken(pointer: string, message: string) {
  return wrongValue(pointer, 'not_allowed', message);
}
