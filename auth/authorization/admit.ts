import { Refusal } from '#core/errors';
import { callerOf } from '../caller.ts';
import { refuseToClient } from './client-answer.ts';
import type { AuthorizationParameters } from './parameters.ts';
import type { AuthorizationPlace, Visit } from './place.ts';
import { type AuthorizationRequest, answerFormOf, checkRequest } from './request.ts';
import { identifyRequester } from './requester.ts';

/**
 * Admits a request, when it comes and again with each step of the person: what was allowed meanwhile may have changed. Who asks is named in
 * the record.
 * @throws Refusal to be shown while the requester is not known; with its answer to the client afterwards
 */
export function admitRequest(
  parameters: AuthorizationParameters,
  visit: Visit,
  place: AuthorizationPlace,
  isPushed = true,
): AuthorizationRequest {
  const { settings, services } = place;
  const tokenSettings = visit.tokenProject.settings;
  const requester = identifyRequester(parameters, services);
  const { client, subscription } = requester;
  const ids = { subscriptionId: subscription.id, productId: subscription.productId, secretId: undefined };
  if (tokenSettings.monitoring) visit.message.identify(callerOf(ids, client, undefined));
  try {
    if (settings.requirePushedRequest && !isPushed) throw new Refusal('pushed_request_needed');
    return checkRequest(parameters, requester, { settings, tokenSettings });
  } catch (error) {
    throw refuseToClient(error, { requester, answer: answerFormOf(parameters, settings) }, visit, place);
  }
}
