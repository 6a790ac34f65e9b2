import type { Standing } from '#core/standing';
import type { AccessToken, RevocationNote } from '#core/token-store';

/** Values a token takes in {@link Batch.tokens}. */
export const TOKEN_VALUES = 11;
/** Values a holder takes in {@link Batch.holders}. */
export const HOLDER_VALUES = 6;

/**
 * What is handed to the writer thread at once: everything that was asked for within one turn of the event loop. Tokens are flat lists of plain
 * values, because copying 1 000 objects to another thread costs more than writing them.
 */
export interface Batch {
  readonly number: number;
  /** Six ids for each holder: client, subscription, product, secret, server group, project. */
  readonly holders: string[];
  /** {@link TOKEN_VALUES} values a token, in the order of {@link addToken}. */
  readonly tokens: (string | number | null)[];
  readonly revocations: { readonly hash: string; readonly note: RevocationNote }[];
  readonly standings: Standing[];
  mark: { readonly epoch: string; readonly seq: number } | undefined;
  readonly purges: { readonly before: number; readonly limit: number }[];
}

/** What the writer thread says of a batch, after its commit. */
export type BatchResult =
  | {
      readonly number: number;
      readonly ok: true;
      /** For each revocation, whether there is such a token. */
      readonly revoked: readonly boolean[];
      /** For each purge, how many rows went. */
      readonly purged: readonly number[];
    }
  | { readonly number: number; readonly ok: false; readonly message: string };

/** What the writer thread says: that it is ready, that it cannot start, or the results of one commit. */
export type WriterMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'failed'; readonly message: string; readonly isConfiguration: boolean }
  | { readonly type: 'results'; readonly results: readonly BatchResult[] };

/** What the writer thread is started with. */
export interface WriterData {
  readonly file: string;
  readonly epoch: string;
}

/** An empty batch. */
export function createBatch(number: number): Batch {
  return { number, holders: [], tokens: [], revocations: [], standings: [], mark: undefined, purges: [] };
}

/** Adds a token; `holders` says at which index of the batch a holder stands already. */
export function addToken(batch: Batch, holders: Map<string, number>, token: AccessToken): void {
  const { clientId, subscriptionId, productId, secretId, serverGroupId, projectId, generations } = token;
  const key = `${secretId} ${projectId} ${serverGroupId} ${subscriptionId} ${clientId} ${productId}`;
  let holder = holders.get(key);
  if (holder === undefined) {
    holder = batch.holders.length / HOLDER_VALUES;
    batch.holders.push(clientId, subscriptionId, productId, secretId, serverGroupId, projectId);
    holders.set(key, holder);
  }
  batch.tokens.push(
    token.hash,
    holder,
    token.issuedAt,
    token.expiresAt,
    generations.client,
    generations.subscription,
    generations.secret,
    generations.subject ?? null,
    token.subject ?? null,
    token.scopes.join(' '),
    parametersText(token.parameters),
  );
}

function parametersText(parameters: Readonly<Record<string, string>>): string | null {
  for (const _ in parameters) return JSON.stringify(parameters);
  return null;
}
