import type { Message } from '#core/message';
import { readFormBody } from './checks/media-type.ts';
import { parseForm } from './form.ts';

/** A token request, parsed: every parameter once, none empty. */
export interface TokenRequest {
  readonly form: ReadonlyMap<string, string>;
  /** Only `grant_type` is read from it, and credentials where the policy says so. */
  readonly query: ReadonlyMap<string, string>;
}

/** Where client credentials stood. */
export type CredentialPlace = 'header' | 'body' | 'query';

/** What a client presented to prove itself. */
export interface Credentials {
  readonly consumerKey: string;
  readonly secret: string | undefined;
  readonly place: CredentialPlace;
}

/**
 * Reads and parses a token request.
 * @throws Refusal `oauth_request`, `body_too_large`
 */
export async function readTokenRequest(message: Message): Promise<TokenRequest> {
  const query = parseForm(message.request.query, 'query');
  return { query, form: parseForm(await readFormBody(message), 'body') };
}
