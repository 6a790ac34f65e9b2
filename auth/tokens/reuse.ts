import { createHmac } from 'node:crypto';
import { canonicalJson } from '#core/canonical-json';
import { newOpaqueToken, sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { Random } from '#core/random';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import type { GrantRequest } from '../grants/grant.ts';
import { type AccessContent, claimsOf, type MintedAccess } from './access.ts';

/**
 * The token of the reuse window (decision 15): an identical request within the window gets the same token, on every gateway, because it is
 * derived anew each time: HMAC with the key that tags tokens over all that the token says and the window. Nothing readable is stored. Its life
 * counts from the window's begin. Undefined when that token is no longer good (revoked, say): then an ordinary one is made.
 * @throws Refusal `not_ready`; UnavailableError of the store
 */
export async function reuseToken(
  content: AccessContent,
  request: GrantRequest,
  deps: EndpointDeps,
): Promise<MintedAccess | undefined> {
  const { settings, services } = deps;
  const keys = services.tagKeys();
  if (keys === undefined) throw new Refusal('not_ready');
  const now = services.clock.now();
  const claims = claimsOf(content, request, deps, now - (now % settings.reuseWindowMs));
  const said = canonicalJson({ use: 'reuse window', windowMs: settings.reuseWindowMs, claims });
  const value = newOpaqueToken(settings.accessTokenLength, keys, derivedBytes(keys.current, said));
  const access = { hash: sha256Hex(value), ...claims };
  const found = await services.store.findAccess(access.hash, now);
  if (found.state === 'live') return { value, access };
  if (found.state !== 'unknown') return undefined;
  await services.store.saveAccess(access);
  return { value, access };
}

/** Bytes that a key and a text determine: HMAC over a counter and the text, block by block. */
function derivedBytes(key: Uint8Array, said: string): Random {
  let counter = 0;
  let block = Buffer.alloc(0);
  const byte = (): number => {
    if (block.length === 0) {
      block = createHmac('sha256', key).update(`${counter} ${said}`).digest();
      counter += 1;
    }
    const value = block[0] ?? 0;
    block = block.subarray(1);
    return value;
  };
  return { byte, bytes: (length) => Buffer.from(Array.from({ length }, byte)) };
}
