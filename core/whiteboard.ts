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
  /** What the client asked for at the token end point, before anything was decided. */
  'oauth.requested.scopes': ReadonlySet<string>;
}

/** What a policy may leave under a name of its own: any JSON value, or a set of strings. */
export type WhiteboardValue =
  | string
  | number
  | boolean
  | null
  | readonly WhiteboardValue[]
  | { readonly [name: string]: WhiteboardValue }
  | ReadonlySet<string>;

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

  /** Writes an attribute under a name that settings chose; {@link isAssignable} was asked when they were compiled. */
  assign(name: string, value: WhiteboardValue): void {
    this.#attributes ??= new Map();
    this.#attributes.set(name, name === SCOPES_FOR_TOKEN ? (stringSetOf(value) ?? value) : value);
  }

  /** Every attribute with its name, for what hands them on. */
  entries(): Iterable<readonly [name: string, value: unknown]> {
    return this.#attributes?.entries() ?? [];
  }

  /** Takes an attribute away. */
  remove(name: string): void {
    this.#attributes?.delete(name);
  }
}

const SCOPES_FOR_TOKEN = 'scopes.for.token';
/** Names that settings may give: segments of letters, digits, `_` and `-`, joined by dots. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;
/** What a verified token or the token end point says: nothing that is configured may say it in their place. */
const KEPT = ['accesstoken', 'authentication', 'oauth', 'api', 'request', 'response', 'variables', 'secrets'];

/** True for names that a policy may be set to write: well formed, and none that something else vouches for. */
export function isAssignable(name: string): boolean {
  return name.length <= 64 && NAME.test(name) && !KEPT.includes(name.split('.', 1)[0] ?? '');
}

/** What is wrong with a name that is not {@link isAssignable}. */
export const ASSIGNABLE_MESSAGE =
  'Letters, digits, _ and - in parts joined by dots, at most 64 characters, and not below accesstoken, authentication, oauth, api, request, response, variables or secrets.';

/** A set of strings out of what a policy left: a set, a list of strings, or one string with words; undefined for everything else. */
export function stringSetOf(value: unknown): ReadonlySet<string> | undefined {
  if (typeof value === 'string') return new Set(value.split(/\s+/).filter((word) => word !== ''));
  if (!(value instanceof Set) && !Array.isArray(value)) return undefined;
  const items: unknown[] = [...value];
  return items.every((item) => typeof item === 'string') ? new Set(items) : undefined;
}
