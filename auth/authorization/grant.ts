import { sha256Hex } from '#core/credential';
import { base62, newId } from '#core/id';
import type { HttpResponse } from '#core/message';
import type { Grant } from '#core/token-store';
import { checkStorage } from '../checks/storage.ts';
import { answerClient, refuseToClient } from './client-answer.ts';
import type { AuthorizationPlace, Visit } from './place.ts';
import type { AuthorizationRequest } from './request.ts';
import type { OwnerSession } from './session.ts';

/**
 * Grants what the owner allowed and answers the client: with a code that is good once for some seconds (RFC 6749 §4.1.2), durable before it is
 * answered. The code is stored as its hash, bound to client, redirect URI and challenge.
 * @throws Refusal with its answer to the client
 */
export async function grantRequest(
  request: AuthorizationRequest,
  session: OwnerSession,
  visit: Visit,
  place: AuthorizationPlace,
): Promise<HttpResponse> {
  const target = { requester: request, answer: request.answer };
  const { services, settings } = place;
  try {
    checkStorage(services.storageLow());
    services.checkIssueRate(request.client);
    const now = services.clock.now();
    const grant = grantOf(request, session, visit, place);
    const code = base62(services.random, 43);
    await services.store.saveIssue({
      grant,
      code: {
        hash: sha256Hex(code),
        grantId: grant.id,
        redirectUri: request.redirect.sent,
        codeChallenge: request.codeChallenge,
        issuedAt: now,
        expiresAt: now + settings.codeExpiryMs,
      },
    });
    visit.message.note({ responseType: 'code', grant: grant.id, scopes: request.scopes.slice(0, 20) });
    return answerClient(target, [['code', code]], visit, place);
  } catch (error) {
    throw refuseToClient(error, target, visit, place);
  }
}

/** The root of all tokens that come of it, in the name of the token end point project. */
function grantOf(
  { client, subscription, scopes, resources }: AuthorizationRequest,
  session: OwnerSession,
  { tokenProject }: Visit,
  { context, services }: AuthorizationPlace,
): Grant {
  return {
    id: newId('gra', services.random),
    clientId: client.id,
    subscriptionId: subscription.id,
    productId: subscription.productId,
    serverGroupId: context.serverGroup.id,
    projectId: tokenProject.id,
    subject: session.subject,
    scopes,
    createdAt: services.clock.now(),
    generations: {
      client: client.generation,
      subscription: subscription.generation,
      subject: session.generation,
    },
    parameters: {},
    details: {
      username: session.username,
      authenticatedAt: session.authenticatedAt,
      ...(resources.length > 0 && { audience: resources }),
    },
  };
}
