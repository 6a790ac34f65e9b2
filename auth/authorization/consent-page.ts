import { Refusal } from '#core/errors';
import type { HttpResponse } from '#core/message';
import { consentContent } from '../pages/consent.ts';
import { formTargetOf } from '../pages/page.ts';
import { admitRequest } from './admit.ts';
import { refuseToClient } from './client-answer.ts';
import { needsConsent, rememberConsent } from './consent.ts';
import { checkFormToken, formTokenOf } from './form-token.ts';
import { grantRequest } from './grant.ts';
import { endInteraction, type Interaction } from './interaction.ts';
import { type AuthorizationPlace, type PageType, pageUrl, redirectTo, showPage, type Visit } from './place.ts';
import type { AuthorizationRequest } from './request.ts';
import { findSession, type OwnerSession } from './session.ts';
import { interactionOf } from './sign-in.ts';

/** The page that asks the owner. Who was asked before goes on without it. */
export const consentPage: PageType = {
  path: '/consent',

  async get(visit, place) {
    const { interaction, request } = await openRequest(visit.query.get('interaction'), visit, place);
    const { services, rules, settings } = place;
    const session = await findSession(visit.cookie, services, rules);
    if (session === undefined) return redirectTo(pageUrl(place, '/sign-in', { interaction: interaction.id }));
    const asked = { request, session, projectId: visit.tokenProject.id };
    if (await needsConsent(asked, settings.consent, services.store))
      return showConsent(interaction, { request, session }, visit, place);
    await endInteraction(interaction, services);
    return grantRequest(request, session, visit, place);
  },

  async post(visit, place) {
    const { form, cookie = '' } = visit;
    const { interaction, request } = await openRequest(form.get('interaction'), visit, place);
    const { services, rules } = place;
    const session = await findSession(visit.cookie, services, rules);
    if (session === undefined) throw new Refusal('page_outdated', { problem: 'no_session' });
    checkFormToken(form.get('form_token'), cookie, `consent ${interaction.id}`);
    const decision = form.get('decision');
    if (decision !== 'allow' && decision !== 'deny')
      throw new Refusal('authorization_request', { parameter: 'decision', problem: 'missing' });
    await endInteraction(interaction, services);
    if (decision === 'deny') {
      const target = { requester: request, answer: request.answer };
      throw refuseToClient(new Refusal('consent_denied'), target, visit, place);
    }
    const asked = { request, session, projectId: visit.tokenProject.id };
    await rememberConsent(asked, { store: services.store, now: services.clock.now() });
    return grantRequest(request, session, visit, place);
  },
};

async function openRequest(
  id: string | undefined,
  visit: Visit,
  place: AuthorizationPlace,
): Promise<{ readonly interaction: Interaction; readonly request: AuthorizationRequest }> {
  const interaction = await interactionOf(id, visit, place);
  if (interaction.parameters === undefined) throw new Refusal('page_outdated', { problem: 'ended' });
  return { interaction, request: admitRequest(interaction.parameters, visit, place) };
}

function showConsent(
  { id }: Interaction,
  { request, session }: { readonly request: AuthorizationRequest; readonly session: OwnerSession },
  visit: Visit,
  place: AuthorizationPlace,
): HttpResponse {
  const { client, redirect, scopes, resources } = request;
  const target = formTargetOf(redirect.uri);
  const url = URL.parse(redirect.uri);
  const content = consentContent({
    action: pageUrl(place, '/consent'),
    interaction: id,
    formToken: formTokenOf(visit.cookie ?? '', `consent ${id}`),
    application: client.displayName,
    returnsTo: url === null || url.host === '' ? redirect.uri : url.host,
    isPublic: client.kind === 'public',
    owner: session.displayName === '' ? session.username : session.displayName,
    scopes,
    isDecidedLater: visit.tokenProject.settings.scopeSource === 'policy',
    resources,
    otherAccount: pageUrl(place, '/sign-in', { interaction: id }),
  });
  const formTargets = target === undefined ? [] : [target];
  return showPage({ status: 200, heading: `Allow ${client.displayName}?`, content, formTargets }, place);
}
