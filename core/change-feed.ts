import * as z from 'zod';
import { CLIENT_AUTH_METHODS } from './model/client-auth-method.ts';
import { productPlan } from './model/period.ts';
import { registeredScope } from './model/scope.ts';
import { projectSnapshot } from './model/version.ts';
import type { SealContext } from './secret-box.ts';
import { SIGNING_ALGORITHMS } from './signing-keys.ts';

// What travels from the manager to the gateways (decisions 8, 9). Strict: an unknown kind, field or format is refused, never ignored.

/** The format of entries; a gateway refuses others. Raised when a field changes its meaning. */
export const FEED_FORMAT = 1;

const changed = {
  /** Who changed its state last, when (epoch ms) and why: for *explain*. */
  changedBy: z.string(),
  changedAt: z.number(),
  changedReason: z.string().optional(),
};

/** A server group, as its gateways need it. */
export const feedServerGroup = z.strictObject({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  publicUrl: z.string(),
  errorDetail: z.enum(['standard', 'verbose']),
  whenStale: z.enum(['refuse', 'serve']),
  /** Origin of sign-in, consent and device pages (decision 11); left out: the public URL. */
  authorizationUrl: z.string().optional(),
});
export type FeedServerGroup = z.infer<typeof feedServerGroup>;

/** A version of a project that is to run on a server group. */
export const feedDeployment = z.strictObject({
  deploymentId: z.string(),
  projectId: z.string(),
  serverGroupId: z.string(),
  version: z.int(),
  snapshot: projectSnapshot,
});
export type FeedDeployment = z.infer<typeof feedDeployment>;

/** A product: which projects it contains. */
export const feedProduct = z.strictObject({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  projectIds: z.array(z.string()),
  scopes: z.array(registeredScope),
  /** How many calls a subscription may make, where a policy asks for it. */
  plan: productPlan.optional(),
});
export type FeedProduct = z.infer<typeof feedProduct>;

/** A client and its standing. */
export const feedClient = z.strictObject({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  kind: z.enum(['server', 'public']),
  authMethod: z.enum(CLIENT_AUTH_METHODS),
  /** RFC 7591 §2 `redirect_uris`. */
  redirectUris: z.array(z.string()).optional(),
  /** RFC 7591 §2 `jwks`: public keys of the client, as JSON text; one of jwks and jwksUri. */
  jwks: z.string().optional(),
  jwksUri: z.string().optional(),
  /** RFC 8705 §2.1.2: the one name that its certificate must bear. */
  certificateName: z
    .strictObject({ field: z.enum(['subject_dn', 'san_dns', 'san_uri', 'san_ip', 'san_email']), value: z.string() })
    .optional(),
  /** Tokens are bound to the certificate that the client showed (RFC 8705 §3). */
  certificateBound: z.boolean().optional(),
  active: z.boolean(),
  generation: z.int(),
  ...changed,
});
export type FeedClient = z.infer<typeof feedClient>;

/** A client subscription and its standing. `scopes` are the ones registered for it (already narrowed). */
export const feedSubscription = z.strictObject({
  id: z.string(),
  name: z.string(),
  clientId: z.string(),
  productId: z.string(),
  state: z.enum(['pending', 'active', 'suspended', 'ended']),
  startsAt: z.number().optional(),
  endsAt: z.number().optional(),
  scopes: z.array(registeredScope),
  generation: z.int(),
  ...changed,
});
export type FeedSubscription = z.infer<typeof feedSubscription>;

/** One secret of a consumer key. `endsAt` in epoch ms; at and after it the secret is refused. */
export const feedSecret = z.strictObject({
  id: z.string(),
  hash: z.string(),
  /** The secret itself, sealed, for clients of method client_secret_jwt (decision 3): a letter to the gateway, sealed with the master key before. */
  sealed: z.string().optional(),
  name: z.string(),
  endsAt: z.number().optional(),
  generation: z.int(),
  active: z.boolean(),
  ...changed,
});
export type FeedSecret = z.infer<typeof feedSecret>;

/** A consumer key, its subscription and its up to five secrets. */
export const consumerKeyEntry = z.strictObject({
  consumerKey: z.string(),
  subscriptionId: z.string(),
  clientId: z.string(),
  secrets: z.array(feedSecret),
});
export type ConsumerKeyEntry = z.infer<typeof consumerKeyEntry>;

/**
 * The keys that tag opaque tokens: letters to the gateway that reads the feed (sealed-letter.ts); in the manager's own table, and for a
 * gateway that told no key to seal to, sealed with the master key (base64 of a secret-box record each).
 */
export const feedTokenKeys = z.strictObject({
  id: z.string(),
  currentSealed: z.string(),
  previousSealed: z.string().optional(),
});
export type FeedTokenKeys = z.infer<typeof feedTokenKeys>;

/**
 * The variables and secrets of a server group, for selectors in policy settings. A secret is a letter to the gateway that reads the feed
 * (sealed-letter.ts); on its way to the feed it is sealed with the master key.
 */
export const feedGroupVariables = z.strictObject({
  id: z.string(),
  variables: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), z.string()),
});
export type FeedGroupVariables = z.infer<typeof feedGroupVariables>;

/** Where a readable consumer secret stands, sealed with the master key or as a letter. */
export function consumerSecretContext(secretId: string): SealContext {
  return { table: 'secrets', row: secretId, column: 'sealed' };
}

/** Where a secret of a server group stands, sealed with the master key or as a letter. */
export function groupVariableContext(serverGroupId: string, name: string): SealContext {
  return { table: 'group_variables', row: serverGroupId, column: name };
}

/** Standing of a resource owner, once it changed. `id` is the subject. */
export const feedSubject = z.strictObject({ id: z.string(), active: z.boolean(), generation: z.int(), ...changed });
export type FeedSubject = z.infer<typeof feedSubject>;

/** A directory of resource owners, for the sign-in page. */
export const feedDirectory = z.strictObject({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  kind: z.enum(['local', 'ldap', 'oidc']),
});
export type FeedDirectory = z.infer<typeof feedDirectory>;

/** The signing keys of the authorization server. `privateSealed` (PKCS #8, DER) is a letter to the gateway, sealed with the master key before; retired keys have none. */
export const feedSigningKeys = z.strictObject({
  id: z.string(),
  keys: z.array(
    z.strictObject({
      kid: z.string(),
      algorithm: z.enum(SIGNING_ALGORITHMS),
      state: z.enum(['next', 'current', 'retired']),
      publicJwk: z.string(),
      privateSealed: z.string().optional(),
    }),
  ),
});
export type FeedSigningKeys = z.infer<typeof feedSigningKeys>;

/** Where the private half of a signing key stands, sealed with the master key or as a letter. */
export function signingKeyContext(kid: string): SealContext {
  return { table: 'signing_keys', row: kid, column: 'private_sealed' };
}

/**
 * A token store. `settings`: a TokenStorePlace (model/token-store.ts) without its password, as JSON; left out: the one that each gateway's own
 * configuration names. `passwordSealed` is a letter to the gateway, sealed with the master key before.
 */
export const feedTokenStore = z.strictObject({
  id: z.string(),
  name: z.string(),
  isDefault: z.boolean(),
  /** Epoch ms until which it was the default. */
  defaultUntil: z.number().optional(),
  /** Name of the store to which it is, or was moved. */
  movesTo: z.string().optional(),
  /** That is done. */
  isMoved: z.boolean().optional(),
  settings: z.string().optional(),
  passwordSealed: z.string().optional(),
});
export type FeedTokenStore = z.infer<typeof feedTokenStore>;

/** Where the password of a token store stands, sealed with the master key or as a letter. */
export function tokenStorePasswordContext(id: string): SealContext {
  return { table: 'token_stores', row: id, column: 'credentials' };
}

/** The public key with which gateways check the manager's tickets (try-ticket.ts): SubjectPublicKeyInfo, base64url. */
export const feedTryKey = z.strictObject({ id: z.string(), publicKey: z.string().max(200) });
export type FeedTryKey = z.infer<typeof feedTryKey>;

/** Kinds of objects in the feed, each with the schema of its payload. */
export const FEED_KINDS = {
  'server-group': feedServerGroup,
  deployment: feedDeployment,
  product: feedProduct,
  client: feedClient,
  subscription: feedSubscription,
  'consumer-key': consumerKeyEntry,
  'token-keys': feedTokenKeys,
  'group-variables': feedGroupVariables,
  'try-key': feedTryKey,
  subject: feedSubject,
  directory: feedDirectory,
  'signing-keys': feedSigningKeys,
  'token-store': feedTokenStore,
} as const;
export type FeedKind = keyof typeof FEED_KINDS;

/**
 * One entry: the newest state of one object (the feed is compacted), or its tombstone. All entries of one transaction have the same `seq`
 * and are applied together. Object ids: deployment `groupId/projectId`; consumer-key the key; else the noun's id.
 */
export interface FeedEntry {
  readonly seq: number;
  readonly kind: FeedKind;
  readonly id: string;
  /** The server group it is for; undefined: for all. */
  readonly serverGroupId: string | undefined;
  /** undefined: the object is gone (tombstone). */
  readonly payload: unknown;
}

/** A line of the feed stream (NDJSON over one HTTP answer). */
export type FeedLine =
  /** First line: which feed this is. `snapshot`: what follows up to `caught-up` is everything, forget the rest (other epoch, or a number out of range). */
  | {
      readonly type: 'hello';
      readonly format: number;
      readonly epoch: string;
      readonly snapshot: boolean;
      readonly seq: number;
      readonly serverGroupId: string;
      readonly gatewayId: string;
    }
  /** A change set: all its entries belong to one number and are applied together. */
  | { readonly type: 'changes'; readonly seq: number; readonly entries: readonly FeedEntry[] }
  /** All up to `seq` was sent; later lines are live. Sent again every second as heartbeat. */
  | { readonly type: 'caught-up'; readonly seq: number; readonly at: number }
  /** What the gateway is told to do: take calls, or drain. Sent when the feed begins and when it changes. */
  | { readonly type: 'order'; readonly seq: number; readonly drain: boolean };
