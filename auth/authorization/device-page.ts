import { Refusal } from '#core/errors';
import type { HttpResponse } from '#core/message';
import { decideDeviceRequest, findByUserCode, type StoredDeviceRequest } from '../device/record.ts';
import { readUserCode } from '../device/user-code.ts';
import { deviceCodeContent, deviceConsentContent, deviceDoneContent } from '../pages/device.ts';
import { checkFormToken, formTokenOf } from './form-token.ts';
import { signInFirst } from './grants-page.ts';
import { type AuthorizationPlace, type PageType, pageUrl, showPage, type Visit } from './place.ts';
import { findSession, type OwnerSession } from './session.ts';

const PATH = '/device';
const PURPOSE = 'device';
const WRONG_CODE = 'There is no such code, or it has ended. Look at your device again.';

/**
 * The page to which a device sends its owner (RFC 8628 §3.3): sign in, type the code, see who asks, decide. A code that came with the link is
 * only typed in for them. Wrong codes count against person and address like failed sign-ins (§5.1).
 */
export const devicePage: PageType = {
  path: PATH,

  async get(visit, place) {
    const typed = readUserCode(visit.query.get('user_code') ?? '');
    const next = typed === undefined ? PATH : `${PATH}?user_code=${typed}`;
    const session = await findSession(visit.cookie, place.services, place.rules);
    if (session === undefined) return signInFirst(next, visit, place);
    return showForm(session, { typed: typed === undefined ? '' : asShown(typed), problem: undefined }, visit, place);
  },

  async post(visit, place) {
    const { form, cookie = '' } = visit;
    const session = await findSession(visit.cookie, place.services, place.rules);
    if (session === undefined) throw new Refusal('page_outdated', { problem: 'no_session' });
    checkFormToken(form.get('form_token'), cookie, PURPOSE);
    const typed = form.get('user_code') ?? '';
    const tried = {
      ...{ directory: session.directory, username: session.subject, clientId: 'device' },
      address: visit.message.remoteAddress,
    };
    const attempt = await place.limits.begin(tried);
    let isWrong = false;
    let stored: StoredDeviceRequest | undefined;
    try {
      stored = await findHere(typed, visit, place);
      isWrong = stored === undefined;
    } finally {
      if (!isWrong) attempt.undo();
    }
    if (stored === undefined) {
      return showForm(session, { typed: typed.slice(0, 24), problem: WRONG_CODE }, visit, place);
    }
    const decision = form.get('decision');
    if (decision === undefined) return askOwner(session, stored, typed, visit, place);
    if (decision !== 'allow' && decision !== 'deny')
      throw new Refusal('authorization_request', { parameter: 'decision', problem: 'malformed' });
    return decide(session, { stored, typed, isAllowed: decision === 'allow' }, visit, place);
  },
};

/** The undecided request of a code, when its device asked at the issuer that this end point belongs to. */
async function findHere(
  typed: string,
  { tokenProject }: Visit,
  { services, context }: AuthorizationPlace,
): Promise<StoredDeviceRequest | undefined> {
  const stored = await findByUserCode(services.store, typed, services.clock.now());
  if (stored === undefined) return undefined;
  const { projectId, serverGroupId } = stored.request;
  return projectId === tokenProject.id && serverGroupId === context.serverGroup.id ? stored : undefined;
}

function showForm(
  session: OwnerSession,
  { typed, problem }: { readonly typed: string; readonly problem: string | undefined },
  visit: Visit,
  place: AuthorizationPlace,
): HttpResponse {
  const content = deviceCodeContent({
    action: pageUrl(place, PATH),
    signOut: pageUrl(place, '/sign-out'),
    formToken: formTokenOf(visit.cookie ?? '', PURPOSE),
    owner: nameOf(session),
    typed,
    problem,
  });
  return showPage({ status: problem === undefined ? 200 : 400, heading: 'Connect a device', content }, place);
}

function askOwner(
  session: OwnerSession,
  { request }: StoredDeviceRequest,
  typed: string,
  visit: Visit,
  place: AuthorizationPlace,
): HttpResponse {
  const client = place.services.registry.findClient(request.clientId);
  const application = client?.displayName ?? 'an application';
  const content = deviceConsentContent({
    action: pageUrl(place, PATH),
    formToken: formTokenOf(visit.cookie ?? '', PURPOSE),
    owner: nameOf(session),
    application,
    userCode: asShown(readUserCode(typed) ?? ''),
    scopes: request.scopes,
  });
  return showPage({ status: 200, heading: `Allow ${application}?`, content }, place);
}

async function decide(
  session: OwnerSession,
  {
    stored,
    typed,
    isAllowed,
  }: { readonly stored: StoredDeviceRequest; readonly typed: string; readonly isAllowed: boolean },
  visit: Visit,
  place: AuthorizationPlace,
): Promise<HttpResponse> {
  const { store, clock } = place.services;
  const approval = {
    subject: session.subject,
    username: session.username,
    subjectGeneration: session.generation,
    scopes: stored.request.scopes,
    authenticatedAt: session.authenticatedAt,
  };
  const isDecided = await decideDeviceRequest(store, {
    ...{ typed, now: clock.now() },
    approval: isAllowed ? approval : undefined,
  });
  if (!isDecided) return showForm(session, { typed: '', problem: WRONG_CODE }, visit, place);
  visit.message.note({ device: isAllowed ? 'approved' : 'denied', subject: session.subject });
  return showPage(
    { status: 200, heading: isAllowed ? 'Device connected' : 'Denied', content: deviceDoneContent(isAllowed) },
    place,
  );
}

function nameOf({ displayName, username }: OwnerSession): string {
  return displayName === '' ? username : displayName;
}

function asShown(letters: string): string {
  return letters === '' ? '' : `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
