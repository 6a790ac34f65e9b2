/** A person who signs in at the authorization end point. What a gateway knows of one. */
export interface ResourceOwner {
  /** `own_` + 16 Crockford: the `sub` of tokens. Never a name, never used twice, never a client's id (decision 13). */
  readonly subject: string;
  /** Name under which they signed in. */
  readonly username: string;
  readonly displayName: string;
  /** Generation of their standing when they signed in. */
  readonly generation: number;
}

/** What came of a name and a password, or of a sign-in at a provider. */
export type OwnerCheck =
  | { readonly state: 'known'; readonly owner: ResourceOwner }
  /** Unknown name and wrong password are one and the same. */
  | { readonly state: 'wrong' }
  | { readonly state: 'disabled' }
  /** Too many tries for this name, client or address. */
  | { readonly state: 'limited'; readonly retryAfterMs: number };

/** A directory of resource owners, as a sign-in page offers it. */
export interface OwnerDirectory {
  readonly name: string;
  readonly displayName: string;
  /** local, ldap: a name and a password are checked. oidc: the person is sent to the provider. */
  readonly kind: 'local' | 'ldap' | 'oidc';
}

/**
 * The resource owners, as a gateway reaches them: they live in the manager, and so do their password hashes (decision 12). Every method throws
 * UnavailableError when the manager cannot be reached.
 */
export interface ResourceOwners {
  /** A directory by name; undefined when there is none, or it is off. From the replica: synchronous, without the manager. */
  findDirectory(name: string): OwnerDirectory | undefined;
  /** Checks a name and a password against a directory of kind local or ldap. The same work and time whether the name exists. */
  checkPassword(request: {
    readonly directory: string;
    readonly username: string;
    readonly password: string;
    readonly address: string;
    readonly clientId: string;
  }): Promise<OwnerCheck>;
  /** Where to send the person for a sign-in at a directory of kind oidc. `redirectUri` is the page of ours that they come back to; `handle` is kept until then. */
  beginExternal(request: {
    readonly directory: string;
    readonly redirectUri: string;
  }): Promise<{ readonly location: string; readonly handle: string }>;
  /** What the provider said. @param query the query with which the person came back */
  finishExternal(request: {
    readonly directory: string;
    readonly redirectUri: string;
    readonly handle: string;
    readonly query: string;
  }): Promise<OwnerCheck>;
}
