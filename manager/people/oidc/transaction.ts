import * as z from 'zod';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import { type SealContext, SealError, type SecretBox } from '#core/secret-box';

/** How long somebody may take at the provider. */
export const TRANSACTION_MS = 10 * 60_000;
const CONTEXT: SealContext = { table: 'sign-in', row: 'transaction', column: 'cookie' };

const transaction = z.strictObject({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  endsAt: z.number(),
});
/** A sign-in through a provider, between going there and coming back. It lies sealed in a cookie of the browser that began it. */
export type Transaction = z.infer<typeof transaction>;

/** Begins one: state, nonce and PKCE verifier of 256 bits each. */
export function newTransaction(
  random: Random,
  given: { readonly provider: string; readonly returnTo: string; readonly now: number },
): Transaction {
  const { provider, returnTo, now } = given;
  const secret = () => base62(random, 43);
  return { provider, returnTo, state: secret(), nonce: secret(), verifier: secret(), endsAt: now + TRANSACTION_MS };
}

export function sealTransaction(value: Transaction, box: SecretBox): string {
  return box.seal(Buffer.from(JSON.stringify(value)), CONTEXT);
}

/** What lay in the cookie; undefined when it is none of ours, of another provider, or too old. */
export function openTransaction(
  sealed: string | undefined,
  box: SecretBox,
  wanted: { readonly provider: string; readonly now: number },
): Transaction | undefined {
  if (sealed === undefined) return undefined;
  try {
    const value = transaction.parse(JSON.parse(box.open(sealed, CONTEXT).toString()));
    return value.provider === wanted.provider && value.endsAt > wanted.now ? value : undefined;
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** A path of this console; anything else would lead people away after they signed in. */
export function ownPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\x21-\x7E]{0,1000}$/.test(text) && !text.includes('\\') ? text : '/';
}
