import * as z from 'zod';
import type { Clock } from '#core/clock';
import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import { base62 } from '#core/id';
import type { Random } from '#core/random';
import type { TokenStore } from '#core/token-store';
import { type AuthorizationParameters, parseKeptParameters } from './parameters.ts';

/** How long people have for sign-in and consent together. */
const LIFE_MS = 900_000;

const interactionSchema = z.strictObject({
  projectId: z.string(),
  /** SHA-256 of the cookie of the browser that it belongs to. */
  browser: z.string(),
  /** Parameters of the authorization request; left out when people came for a page of their own. */
  parameters: z.unknown().optional(),
  /** Page below the end point to which sign-in leads when there is no authorization request, with its query. */
  next: z.string().optional(),
});

/** What a person is in the middle of: an authorization request, or the way to a page of their own. */
export interface Interaction {
  readonly id: string;
  readonly parameters: AuthorizationParameters | undefined;
  readonly next: string | undefined;
}

/** What interactions are kept with. */
export interface InteractionServices {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** Whose interactions these are. */
export interface InteractionPlace {
  /** Id of the authorization end point project. */
  readonly projectId: string;
  readonly cookie: string;
}

/** Begins an interaction in the browser that has this cookie. Its id is no secret: without the cookie it is good for nothing. */
export async function beginInteraction(
  what: { readonly parameters: AuthorizationParameters } | { readonly next: string },
  { projectId, cookie }: InteractionPlace,
  { store, clock, random }: InteractionServices,
): Promise<string> {
  const id = base62(random, 22);
  const value = JSON.stringify({ projectId, browser: sha256Hex(cookie), ...what });
  await store.saveTransient({ kind: 'sign-in', id, value, expiresAt: clock.now() + LIFE_MS });
  return id;
}

/**
 * The interaction of a page.
 * @throws Refusal `page_outdated` ended, other_browser
 */
export async function getInteraction(
  id: string | undefined,
  place: { readonly projectId: string; readonly cookie: string | undefined },
  { store, clock }: InteractionServices,
): Promise<Interaction> {
  const found =
    id === undefined || !/^[0-9A-Za-z]{22}$/.test(id)
      ? undefined
      : await store.findTransient('sign-in', id, clock.now());
  if (id === undefined || found === undefined) throw new Refusal('page_outdated', { problem: 'ended' });
  return read(id, found.value, place);
}

/** Moves an interaction to the cookie that its browser got when somebody signed in there. @throws Refusal `page_outdated` */
export async function moveInteraction(
  { id }: Interaction,
  { projectId, cookie }: InteractionPlace,
  { store, clock }: InteractionServices,
): Promise<void> {
  const found = await store.findTransient('sign-in', id, clock.now());
  const kept = found === undefined ? undefined : interactionSchema.parse(JSON.parse(found.value));
  const value = JSON.stringify({ ...kept, projectId, browser: sha256Hex(cookie) });
  const isMoved =
    found !== undefined &&
    (await store.replaceTransient({
      ...{ kind: 'sign-in', id, value, expiresAt: found.expiresAt, version: found.version },
    }));
  if (!isMoved) throw new Refusal('page_outdated', { problem: 'ended' });
}

/** Ends an interaction; exactly one of several that answer the same form goes on. @throws Refusal `page_outdated` ended */
export async function endInteraction({ id }: Interaction, { store, clock }: InteractionServices): Promise<void> {
  const taken = await store.takeTransient('sign-in', id, clock.now());
  if (taken === undefined) throw new Refusal('page_outdated', { problem: 'ended' });
}

function read(
  id: string,
  value: string,
  place: { readonly projectId: string; readonly cookie: string | undefined },
): Interaction {
  const { projectId, browser, parameters, next } = interactionSchema.parse(JSON.parse(value));
  if (projectId !== place.projectId) throw new Refusal('page_outdated', { problem: 'ended' });
  if (place.cookie === undefined || sha256Hex(place.cookie) !== browser)
    throw new Refusal('page_outdated', { problem: 'other_browser' });
  return { id, next, parameters: parameters === undefined ? undefined : parseKeptParameters(parameters) };
}
