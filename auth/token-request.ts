import type { Message } from '#core/message';
import { readFormBody } from './checks/media-type.ts';
import { parseForm } from './form.ts';

/** A token request, parsed: every parameter once, none empty; only `resource` and `audience` may be there several times. */
export interface TokenRequest {
  readonly form: ReadonlyMap<string, string>;
  /** Only `grant_type` is read from it, and credentials where the policy says so. */
  readonly query: ReadonlyMap<string, string>;
  /** `resource` parameters of the form (RFC 8707 §2), in their order, unchecked. */
  readonly resources: readonly string[];
  /** `audience` parameters of the form (RFC 8693 §2.1). */
  readonly audiences: readonly string[];
}

/** Where client credentials stood. */
export type CredentialPlace = 'header' | 'body' | 'query';

/**
 * Reads and parses a token request.
 * @throws Refusal `oauth_request`, `body_too_large`
 */
export async function readTokenRequest(message: Message): Promise<TokenRequest> {
  const query = parseForm(message.request.query, 'query');
  const repeated = new Map<string, string[]>([
    ['resource', []],
    ['audience', []],
  ]);
  const form = parseForm(await readFormBody(message), 'body', repeated);
  return { query, form, resources: repeated.get('resource') ?? [], audiences: repeated.get('audience') ?? [] };
}
