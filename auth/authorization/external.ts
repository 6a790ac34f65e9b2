import * as z from 'zod';
import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import type { HttpResponse } from '#core/message';
import { type AuthorizationPlace, type PageType, pageUrl, redirectTo, type Visit } from './place.ts';
import { askOwners, finishSignIn, interactionOf, offeredDirectories } from './sign-in.ts';

/** How long people may be away at their provider. */
const AWAY_MS = 600_000;
const PATH = '/external';

const awaySchema = z.strictObject({ interaction: z.string(), directory: z.string(), handle: z.string() });

/** The way to a provider, and the return from it. A link leads here, not a form, so that no policy of the sign-in page need name the provider. */
export const externalPage: PageType = {
  path: PATH,
  get: (visit, place) => (visit.query.has('interaction') ? leave(visit, place) : comeBack(visit, place)),
};

async function leave(visit: Visit, place: AuthorizationPlace): Promise<HttpResponse> {
  const { store, clock, owners } = place.services;
  const interaction = await interactionOf(visit.query.get('interaction'), visit, place);
  const directory = offeredDirectories(place).find(
    ({ name, kind }) => kind === 'oidc' && name === visit.query.get('directory'),
  )?.name;
  if (directory === undefined) throw new Refusal('authorization_not_ready');
  const redirectUri = pageUrl(place, PATH);
  const { location, handle } = await askOwners(directory, () => owners.beginExternal({ directory, redirectUri }));
  const value = JSON.stringify({ interaction: interaction.id, directory, handle });
  // One way a browser: whoever begins anew has left the former one.
  await store.saveTransient({ kind: 'external', id: awayId(visit), value, expiresAt: clock.now() + AWAY_MS });
  return redirectTo(location);
}

async function comeBack(visit: Visit, place: AuthorizationPlace): Promise<HttpResponse> {
  const { store, clock, owners } = place.services;
  const kept =
    visit.cookie === undefined ? undefined : await store.takeTransient('external', awayId(visit), clock.now());
  if (kept === undefined) throw new Refusal('page_outdated', { problem: 'other_browser' });
  const { interaction: id, directory, handle } = awaySchema.parse(JSON.parse(kept));
  const interaction = await interactionOf(id, visit, place);
  const redirectUri = pageUrl(place, PATH);
  const { query } = visit.message.request;
  const checked = await askOwners(directory, () => owners.finishExternal({ directory, redirectUri, handle, query }));
  return finishSignIn(checked, { interaction, directory }, visit, place);
}

function awayId({ cookie = '' }: Visit): string {
  return sha256Hex(`external ${cookie}`);
}
