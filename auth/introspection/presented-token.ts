import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';

/** Longest token that is looked for. Ours are much shorter; a JWT with many scopes may come to some thousands. */
const MAX_TOKEN_LENGTH = 16_384;

/** A token that somebody asks about: its hash, and the kind that it is said to be. */
export interface PresentedToken {
  readonly hash: string;
  /** `token_type_hint`: which kind to look for first. Others than these two are ignored (RFC 7009 §2.1, RFC 7662 §2.1). */
  readonly hint: 'access_token' | 'refresh_token';
}

/**
 * The token of an introspection or revocation request. It is read from the form body only: a query is logged by others.
 * @throws Refusal `oauth_request` missing, malformed
 */
export function readPresentedToken(form: ReadonlyMap<string, string>, parameter: string): PresentedToken {
  const token = form.get(parameter);
  if (token === undefined) throw new Refusal('oauth_request', { parameter, problem: 'missing' });
  if (token.length > MAX_TOKEN_LENGTH)
    throw new Refusal('oauth_request', { parameter, problem: 'malformed', detail: 'it is longer than any token' });
  const isRefresh = form.get('token_type_hint') === 'refresh_token';
  return { hash: sha256Hex(token), hint: isRefresh ? 'refresh_token' : 'access_token' };
}
