import type { Message } from '#core/message';
import type { GrantType } from '#core/token-issuer';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { IssuedAnswer } from '../issue.ts';
import type { TokenRequest } from '../token-request.ts';

/** A token request whose client has proved itself (public clients: has named itself). */
export interface GrantRequest {
  readonly request: TokenRequest;
  readonly client: AuthenticatedClient;
  readonly message: Message;
  /** Made for this request; a retry within it has one effect. */
  readonly attemptId: string;
}

/** A grant type: one file each; `table.ts` is the list. */
export interface GrantHandler {
  readonly type: GrantType;
  /** True: what is presented proves something by itself, so that public clients may use it. Left out: for clients that proved themselves. */
  readonly allowsPublicClients?: boolean;
  /**
   * Checks the grant, saves what it gives and says what is answered.
   * @throws Refusal `oauth_grant` (RFC 6749 §5.2 invalid_grant), `oauth_scope`, `oauth_request`, …; UnavailableError of the store
   */
  issue(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer>;
}
