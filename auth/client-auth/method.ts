import type { ConsumerKeyEntry, FeedClient, FeedSecret, FeedSubscription } from '#core/change-feed';
import type { Message } from '#core/message';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';

/** A request of a client, of whichever end point: what it is authenticated by. */
export interface ClientRequest {
  readonly form: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, string>;
  readonly message: Message;
}

/** The client that a request names, as the registry has it. Not proved yet. */
export interface NamedClient {
  readonly consumerKey: string;
  readonly entry: ConsumerKeyEntry;
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
}

/** What a way of authentication found out. `certificate` only when the client proved itself by one. */
export interface ClientProof {
  readonly method: AuthenticatedClient['method'];
  /** The secret that was used: by itself, or as key of a `client_secret_jwt`. */
  readonly secret: FeedSecret | undefined;
  /** SHA-256 of the certificate, base64url. */
  readonly certificate: string | undefined;
}

/**
 * One way in which a client proves itself; one file each in this folder, listed in `table.ts`. Limits of failed tries, the one method of a
 * request, standing and the registered method are checked around it (`authenticate-client.ts`).
 * @param consumerKey what the request names, also when there is no such client
 * @param named undefined: there is no such client. Then it does the same work and throws the same way as for a wrong proof.
 * @throws Refusal `oauth_invalid_client` with its cause, `oauth_request`; UnavailableError of the store
 */
export type AuthenticateBy = (
  request: ClientRequest,
  target: { readonly consumerKey: string; readonly named: NamedClient | undefined },
  deps: EndpointDeps,
) => ClientProof | Promise<ClientProof>;
