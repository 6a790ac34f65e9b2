/** The client's details that a verified token puts on the whiteboard. */
export interface OAuthClientDetails {
  readonly clientId: string;
  readonly name: string;
  readonly displayName: string;
  readonly consumerKey: string;
  readonly subscriptionId: string;
}

/** What stands on the whiteboard for `accesstoken`: the verified token's public side, never its value. */
export interface AccessTokenAttributes {
  /** First 8 hex digits of the token's hash. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Additional parameters stored with the token. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The named attributes and their types. Seed 002 and `product.md` §4 give the names. */
export interface WhiteboardAttributes {
  accesstoken: AccessTokenAttributes;
  'authentication.subject.id': string;
  'oauth.client.details': OAuthClientDetails;
  'api.product.name': string;
  'scopes.for.token': ReadonlySet<string>;
}

/** The typed attributes of one message, written and read by policies. Made only when the first attribute is written. */
export class Whiteboard {
  #attributes: Map<string, unknown> | undefined;

  get<Name extends keyof WhiteboardAttributes>(name: Name): WhiteboardAttributes[Name] | undefined;
  get(name: string): unknown;
  get(name: string): unknown {
    return this.#attributes?.get(name);
  }

  set<Name extends keyof WhiteboardAttributes>(name: Name, value: WhiteboardAttributes[Name]): void {
    this.#attributes ??= new Map();
    this.#attributes.set(name, value);
  }
}
