import { tokenPrefix } from '#core/credential';
import type { HttpResponse, Message } from '#core/message';
import { authenticateClient, refusePublicClient } from '../authenticate-client.ts';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import { inactivityOf } from '../checks/client-standing.ts';
import { describeToken } from '../introspection/document.ts';
import { type ActiveToken, findActive } from '../introspection/find-active.ts';
import { answerJson } from '../introspection/json-answer.ts';
import { readPresentedToken } from '../introspection/presented-token.ts';
import { readTokenRequest } from '../token-request.ts';
import type { EndpointDeps, EndpointType } from './endpoint.ts';

/**
 * Introspection (RFC 7662). The caller proves itself as a client, with a method of the token end point; public clients, which prove nothing,
 * are refused (§2.1). It is shown tokens that are meant for its products, and its own; of others it learns as little as of unknown ones
 * (§2.2, §4; decision 13). Its products are those of the client's active subscriptions, whichever of their keys it proved itself with.
 * Refresh tokens are shown to the subscription that holds them only.
 */
export const introspectEndpoint: EndpointType = {
  path: '/introspect',
  methods: ['POST'],
  metadata: ({ issuer }) => ({ introspection_endpoint: `${issuer}/introspect` }),
  compile: (deps) => (message) => introspect(message, deps),
};

async function introspect(message: Message, deps: EndpointDeps): Promise<HttpResponse> {
  const request = await readTokenRequest(message);
  const caller = await authenticateClient({ ...request, message }, deps);
  refusePublicClient(caller);
  const presented = readPresentedToken(request.form, 'token');
  const found = await findActive(presented, deps);
  const token = tokenPrefix(presented.hash);
  if (found.kind === 'none') {
    message.note({ token, active: false, cause: found.cause });
    return answerJson({ active: false });
  }
  if (!isShownTo(caller, found, deps)) {
    message.note({ token, active: false, cause: 'not_for_caller', client: found.client.name });
    return answerJson({ active: false });
  }
  message.note({ token, active: true, client: found.client.name });
  return answerJson(describeToken(found, deps));
}

function isShownTo(
  { client, subscription }: AuthenticatedClient,
  found: ActiveToken,
  { services: { registry, clock } }: EndpointDeps,
): boolean {
  if (found.subscription.id === subscription.id) return true;
  if (found.kind !== 'access_token') return false;
  const { productId } = found.token;
  if (productId === subscription.productId) return true;
  return registry
    .findSubscriptionsTo({ clientId: client.id, productId })
    .some((one) => inactivityOf(one, clock.now()) === undefined);
}
