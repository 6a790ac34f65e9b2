import { Refusal } from '#core/errors';
import type { HttpResponse } from '#core/message';
import { type GrantRow, grantsContent } from '../pages/grants.ts';
import { checkFormToken, formTokenOf } from './form-token.ts';
import { beginInteraction } from './interaction.ts';
import { type AuthorizationPlace, type PageType, pageUrl, redirectTo, showPage, type Visit } from './place.ts';
import { findSession, newCookieValue, type OwnerSession } from './session.ts';

const PATH = '/grants';
const PURPOSE = 'grants';
/** Most applications that are listed, newest first. */
const LIMIT = 200;

/** What the owner allowed, with a button for each to take it back: all that came of it dies at once. */
export const grantsPage: PageType = {
  path: PATH,

  async get(visit, place) {
    const session = await findSession(visit.cookie, place.services, place.rules);
    if (session === undefined) return signInFirst(PATH, visit, place);
    return showGrants(session, undefined, visit, place);
  },

  async post(visit, place) {
    const { form, cookie = '' } = visit;
    const { store, clock } = place.services;
    const session = await findSession(visit.cookie, place.services, place.rules);
    if (session === undefined) throw new Refusal('page_outdated', { problem: 'no_session' });
    checkFormToken(form.get('form_token'), cookie, PURPOSE);
    const clientId = form.get('client') ?? '';
    const projectId = form.get('project') ?? '';
    const note = { by: session.username, at: clock.now(), reason: 'the resource owner took it back' };
    const isRevoked = await store.revokeConsent({ subject: session.subject, clientId, projectId }, note);
    visit.message.note({ subject: session.subject, revokedFrom: clientId.slice(0, 40) });
    return showGrants(session, isRevoked ? 'Taken back.' : 'There was nothing to take back.', visit, place);
  },
};

/** Sends people to sign in, and then back to a page of their own. @param next its path below the end point, with its query */
export async function signInFirst(next: string, visit: Visit, place: AuthorizationPlace): Promise<HttpResponse> {
  const { services, context, cookie } = place;
  const value = visit.cookie ?? newCookieValue(services.random);
  const interaction = await beginInteraction({ next }, { projectId: context.project.id, cookie: value }, services);
  const isNew = value !== visit.cookie;
  return redirectTo(pageUrl(place, '/sign-in', { interaction }), isNew ? cookie.write(value) : undefined);
}

async function showGrants(
  session: OwnerSession,
  notice: string | undefined,
  visit: Visit,
  place: AuthorizationPlace,
): Promise<HttpResponse> {
  const { store, registry } = place.services;
  const consents = await store.listConsents(session.subject, LIMIT);
  const rows = consents.map(
    ({ clientId, projectId, scopes, grantedAt }): GrantRow => ({
      ...{ clientId, projectId, scopes, grantedAt },
      application: registry.findClient(clientId)?.displayName ?? 'An application that is gone',
    }),
  );
  const content = grantsContent({
    action: pageUrl(place, PATH),
    signOut: pageUrl(place, '/sign-out'),
    formToken: formTokenOf(visit.cookie ?? '', PURPOSE),
    owner: session.displayName === '' ? session.username : session.displayName,
    rows,
    notice,
  });
  return showPage({ status: 200, heading: 'Your applications', content, isWide: true }, place);
}
