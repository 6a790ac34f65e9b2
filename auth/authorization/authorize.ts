import { Refusal } from '#core/errors';
import type { HttpResponse, Message } from '#core/message';
import { readFormBody } from '../checks/media-type.ts';
import { admitRequest } from './admit.ts';
import { needsConsent } from './consent.ts';
import { grantRequest } from './grant.ts';
import { beginInteraction } from './interaction.ts';
import { readParameters } from './parameters.ts';
import { type AuthorizationPlace, pageUrl, redirectTo, type Visit } from './place.ts';
import { takePushedRequest } from './pushed-request.ts';
import { findSession, newCookieValue } from './session.ts';

/**
 * The authorization end point itself (RFC 6749 §3.1): a request is admitted, then the person goes on to sign-in or consent; who is signed in
 * and was asked before goes back to the client at once.
 */
export async function authorize(visit: Visit, place: AuthorizationPlace): Promise<HttpResponse> {
  const { services, rules, cookie, context, settings } = place;
  const asked = await takePushedRequest(readParameters(visit.message.request.query), visit.tokenProject.id, services);
  const request = admitRequest(asked.parameters, visit, place, asked.isPushed);
  const session = await findSession(visit.cookie, services, rules);
  const projectId = visit.tokenProject.id;
  if (session !== undefined && !(await needsConsent({ request, session, projectId }, settings.consent, services.store)))
    return grantRequest(request, session, visit, place);
  const value = visit.cookie ?? newCookieValue(services.random);
  const interaction = await beginInteraction(
    { parameters: asked.parameters },
    { projectId: context.project.id, cookie: value },
    services,
  );
  const page = session === undefined ? '/sign-in' : '/consent';
  const isNew = value !== visit.cookie;
  return redirectTo(pageUrl(place, page, { interaction }), isNew ? cookie.write(value) : undefined);
}

/**
 * A request by POST (RFC 6749 §3.1) goes on as one by GET: browsers send the cookie of a session with that only when another site sent the
 * form, and a form's parameters are none of a page's own.
 */
export async function authorizeByPost(message: Message, place: AuthorizationPlace): Promise<HttpResponse> {
  const { values, resources, repeated, malformed } = readParameters(await readForm(message));
  const [twice] = [...repeated, ...malformed];
  if (twice !== undefined)
    throw new Refusal('authorization_request', {
      parameter: twice,
      problem: repeated.includes(twice) ? 'twice' : 'malformed',
    });
  const query = new URLSearchParams([
    ...Object.entries(values),
    ...resources.map((resource): [string, string] => ['resource', resource]),
  ]);
  return redirectTo(`${place.url}?${query}`);
}

async function readForm(message: Message): Promise<string> {
  try {
    return await readFormBody(message);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'oauth_request') throw error;
    throw new Refusal('authorization_request', { parameter: 'Content-Type', problem: 'malformed' });
  }
}
