import { newOpaqueToken, sha256Hex, type TokenTagKeys } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Random } from '#core/random';
import type { AccessToken, TokenStore } from '#core/token-store';

/** What opaque tokens are made with. */
export interface OpaqueTokenServices {
  readonly random: Random;
  /** undefined until the gateway got its keys. */
  tagKeys(): TokenTagKeys | undefined;
}

/**
 * Makes an opaque token of exactly `length` characters. It is not saved.
 * @throws Refusal `not_ready` without keys
 */
export function mintOpaqueToken(
  length: number,
  { random, tagKeys }: OpaqueTokenServices,
): { readonly value: string; readonly hash: string } {
  const keys = tagKeys();
  if (keys === undefined) throw new Refusal('not_ready');
  const value = newOpaqueToken(length, keys, random);
  return { value, hash: sha256Hex(value) };
}

/**
 * Makes an opaque token and saves its hash; the token exists durably when the promise resolves.
 * @throws Refusal `not_ready` without keys
 * @throws UnavailableError when the store takes no more or does not answer
 */
export async function issueOpaqueToken(
  length: number,
  claims: Omit<AccessToken, 'hash'>,
  services: OpaqueTokenServices & { readonly store: TokenStore },
): Promise<{ readonly value: string; readonly hash: string }> {
  const { value, hash } = mintOpaqueToken(length, services);
  await services.store.saveAccess({ hash, ...claims });
  return { value, hash };
}
