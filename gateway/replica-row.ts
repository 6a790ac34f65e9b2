import { hash } from 'node:crypto';
import type {
  ConsumerKeyEntry,
  FeedClient,
  FeedDeployment,
  FeedDirectory,
  FeedGroupVariables,
  FeedKind,
  FeedProduct,
  FeedServerGroup,
  FeedSigningKeys,
  FeedSubject,
  FeedSubscription,
  FeedTokenKeys,
  FeedTokenStore,
  FeedTryKey,
} from '#core/change-feed';
import { FEED_KINDS } from '#core/change-feed';

/** The payload of each kind of feed entry. */
export interface FeedPayloads {
  'server-group': FeedServerGroup;
  deployment: FeedDeployment;
  product: FeedProduct;
  client: FeedClient;
  subscription: FeedSubscription;
  'consumer-key': ConsumerKeyEntry;
  'token-keys': FeedTokenKeys;
  'group-variables': FeedGroupVariables;
  'try-key': FeedTryKey;
  subject: FeedSubject;
  directory: FeedDirectory;
  'signing-keys': FeedSigningKeys;
  'token-store': FeedTokenStore;
}

/** True for a kind that makes a new compilation necessary; the others are the registry of clients. */
export function isConfigurationKind(kind: string): boolean {
  return kind === 'server-group' || kind === 'deployment' || kind === 'group-variables';
}

/** A row of the replica. `kind` is a feed kind, or `before:deployment` (`replica-before.ts`). */
export interface ReplicaRow {
  readonly kind: string;
  readonly id: string;
  /** Number of the feed that brought it. */
  readonly seq: number;
  readonly serverGroupId: string | undefined;
  /** JSON text. undefined only for `before:` rows: there was no such object. */
  readonly payload: string | undefined;
}

/** Bytes of a row's digest and of the digest of all rows. */
export const DIGEST_BYTES = 32;

/** SHA-256 over everything that a row says. */
export function digestOf(row: ReplicaRow): Buffer {
  const text = JSON.stringify([row.kind, row.id, row.seq, row.serverGroupId ?? null, row.payload ?? null]);
  return hash('sha256', text, 'buffer');
}

/** Adds a row's digest to the digest of all rows, or takes it out again (exclusive or: the order does not matter). */
export function mix(sum: Uint8Array, digest: Uint8Array): void {
  for (let i = 0; i < DIGEST_BYTES; i += 1) sum[i] = (sum[i] ?? 0) ^ (digest[i] ?? 0);
}

/** Makes a payload typed. Strict: an unknown field is refused (decision 9). @throws ZodError, SyntaxError */
export function parsePayload<Kind extends FeedKind>(kind: Kind, text: string): FeedPayloads[Kind] {
  return checkPayload(kind, JSON.parse(text)) as FeedPayloads[Kind];
}

/** Checks a payload that was parsed already. @throws ZodError */
export function checkPayload(kind: FeedKind, payload: unknown): unknown {
  return FEED_KINDS[kind].parse(payload);
}
