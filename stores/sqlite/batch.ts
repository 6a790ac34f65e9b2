import type { AccessToken } from '#core/token-store';
import type { Operation } from './operation.ts';

/** Values a token takes in {@link Tokens.rows}. */
export const TOKEN_VALUES = 11;
/** Values a holder takes in {@link Tokens.holders}. */
export const HOLDER_VALUES = 6;
/** How `holder.secret_id` says that no secret was used. */
export const NO_SECRET = '';

/** Access tokens as flat lists of plain values: copying 1 000 objects to another thread costs more than writing them. */
export interface Tokens {
  /** Six ids for each holder: client, subscription, product, secret, server group, project. */
  readonly holders: string[];
  /** {@link TOKEN_VALUES} values a token, in the order of {@link addToken}. */
  readonly rows: (string | number | null)[];
  /** What few tokens have: which token, its grant, its details. */
  readonly extras: { readonly token: number; readonly grantId: string | null; readonly details: string | null }[];
}

/** What is handed to the writer thread at once: everything that was asked for within one turn of the event loop. */
export interface Batch {
  readonly number: number;
  /** Written before the operations. */
  readonly tokens: Tokens;
  /** Carried out in this order. */
  readonly operations: Operation[];
}

/** What the writer thread says of a batch, after its commit. */
export type BatchResult =
  | {
      readonly number: number;
      readonly ok: true;
      /** What each operation gave. */
      readonly results: readonly unknown[];
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
  return { number, tokens: createTokens(), operations: [] };
}

/** No tokens. */
export function createTokens(): Tokens {
  return { holders: [], rows: [], extras: [] };
}

/** Adds a token; `holders` says at which index of the batch a holder stands already. */
export function addToken(tokens: Tokens, holders: Map<string, number>, token: AccessToken): void {
  const { clientId, subscriptionId, productId, secretId = NO_SECRET, serverGroupId, projectId, generations } = token;
  const key = `${secretId} ${projectId} ${serverGroupId} ${subscriptionId} ${clientId} ${productId}`;
  let holder = holders.get(key);
  if (holder === undefined) {
    holder = tokens.holders.length / HOLDER_VALUES;
    tokens.holders.push(clientId, subscriptionId, productId, secretId, serverGroupId, projectId);
    holders.set(key, holder);
  }
  if (token.grantId !== undefined || token.details !== undefined) {
    const [grantId, details] = [token.grantId ?? null, jsonText(token.details)];
    tokens.extras.push({ token: tokens.rows.length / TOKEN_VALUES, grantId, details });
  }
  tokens.rows.push(
    token.hash,
    holder,
    token.issuedAt,
    token.expiresAt,
    generations.client,
    generations.subscription,
    generations.secret ?? 0,
    generations.subject ?? null,
    token.subject ?? null,
    token.scopes.join(' '),
    jsonText(token.parameters),
  );
}

/** JSON of an object; null for none and for an empty one. */
export function jsonText(value: object | undefined): string | null {
  for (const _ in value) return JSON.stringify(value);
  return null;
}
