import type { ConsumerKeyEntry, FeedClient, FeedSecret, FeedSubscription } from '#core/change-feed';
import type { Message } from '#core/message';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { CredentialPlace } from '../token-request.ts';

/** A request of a client, of whichever end point: what it is authenticated by. */
export interface ClientRequest {
  readonly form: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, string>;
  readonly message: Message;
}

/** What a request presents to authenticate its client: one thing only (RFC 6749 §2.3). */
export type PresentedClient =
  | {
      readonly by: 'secret';
      readonly consumerKey: string;
      readonly secret: string | undefined;
      readonly place: CredentialPlace;
    }
  /** A JWT (RFC 7523 §2.2). `consumerKey` is what it or `client_id` says, not proved. */
  | { readonly by: 'assertion'; readonly consumerKey: string; readonly assertion: string }
  /** Only a name: the proof is the connection's certificate (RFC 8705 §2), or there is none. */
  | { readonly by: 'name'; readonly consumerKey: string; readonly place: CredentialPlace };

/** The client that a request names, as the registry has it. Not proved yet. */
export interface NamedClient {
  readonly consumerKey: string;
  readonly entry: ConsumerKeyEntry;
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
}

/** What a way of authentication found out. */
export interface ClientProof {
  readonly method: AuthenticatedClient['method'];
  /** The secret that was used: by itself, or as key of a `client_secret_jwt`. */
  readonly secret: FeedSecret | undefined;
}

/** Whom a request names. `named` is undefined when there is no such client: then the same work is done and refused as for a wrong proof. */
export interface AuthenticationTarget {
  readonly presented: PresentedClient;
  readonly named: NamedClient | undefined;
}

/**
 * One way in which a client proves itself; one file each in this folder, listed in `table.ts`. Limits of failed tries, the one method of a
 * request, standing and the registered method are checked around it (`authenticate-client.ts`).
 * @throws Refusal `oauth_invalid_client` with its cause, `oauth_request`; UnavailableError of the store
 */
export type AuthenticateBy = (
  request: ClientRequest,
  target: AuthenticationTarget,
  deps: EndpointDeps,
) => ClientProof | Promise<ClientProof>;
