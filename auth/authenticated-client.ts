import type { FeedClient, FeedSecret, FeedSubscription } from '#core/change-feed';
import type { ClientAuthMethod } from '#core/model/client-auth-method';

/** A client that proved itself; a public client (`none`) that only named itself. */
export interface AuthenticatedClient {
  readonly consumerKey: string;
  readonly client: FeedClient;
  readonly subscription: FeedSubscription;
  /** The secret that it used; undefined when it used none. */
  readonly secret: FeedSecret | undefined;
  /** How it did, `client_secret_basic` or `client_secret_post` for `client_secret`. `query` credentials count as post. */
  readonly method: Exclude<ClientAuthMethod, 'client_secret'>;
  /** SHA-256 of the certificate that it showed, base64url, when tokens are bound to it (RFC 8705 §3). */
  readonly certificate: string | undefined;
}
