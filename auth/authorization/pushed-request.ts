import * as z from 'zod';
import type { Clock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { type AuthorizationParameters, checkReadable, parseKeptParameters } from './parameters.ts';

/** How long a pushed request is good (RFC 9126 §2.2 `expires_in`). */
export const PUSHED_LIFE_MS = 90_000;
const PREFIX = 'urn:ietf:params:oauth:request_uri:';

const keptSchema = z.strictObject({ consumerKey: z.string(), projectId: z.string(), parameters: z.unknown() });

/** What pushed requests are kept with. */
export interface PushedRequestServices {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** Keeps what a client pushed; gives the request_uri (RFC 9126 §2.2), which nobody can guess. */
export async function savePushedRequest(
  pushed: {
    readonly consumerKey: string;
    /** The token end point project. */
    readonly projectId: string;
    readonly parameters: AuthorizationParameters;
  },
  { store, clock, random }: PushedRequestServices,
): Promise<string> {
  const uri = PREFIX + base62(random, 43);
  const expiresAt = clock.now() + PUSHED_LIFE_MS;
  await store.saveTransient({ kind: 'par', id: sha256Hex(uri), value: JSON.stringify(pushed), expiresAt });
  return uri;
}

/** The parameters that count: those of the pushed request when one is named, and then of nothing else (RFC 9126 §4); and whether they were pushed. */
export async function takePushedRequest(
  parameters: AuthorizationParameters,
  projectId: string,
  { store, clock }: PushedRequestServices,
): Promise<{ readonly parameters: AuthorizationParameters; readonly isPushed: boolean }> {
  const { request_uri: uri, client_id: consumerKey } = parameters.values;
  if (uri === undefined || !uri.startsWith(PREFIX)) return { parameters, isPushed: false };
  checkReadable(parameters, ['request_uri', 'client_id']);
  const id = sha256Hex(uri);
  const found = await store.findTransient('par', id, clock.now());
  const kept = found === undefined ? undefined : keptSchema.parse(JSON.parse(found.value));
  const isOwn = kept !== undefined && kept.consumerKey === consumerKey && kept.projectId === projectId;
  // Good once: of two that ask at once one gets it. Another client's stays as it is.
  if (!isOwn || (await store.takeTransient('par', id, clock.now())) === undefined)
    throw new Refusal('pushed_request_unknown', { consumerKey: consumerKey?.slice(0, 60) });
  return { parameters: parseKeptParameters(kept.parameters), isPushed: true };
}
