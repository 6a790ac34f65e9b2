import { tokenPrefix } from '#core/credential';
import { Refusal } from '#core/errors';
import type { HttpResponse, Message } from '#core/message';
import { findActive } from '../introspection/find-active.ts';
import { answerJson } from '../introspection/json-answer.ts';
import { readPresentedToken } from '../introspection/presented-token.ts';
import { readTokenRequest } from '../token-request.ts';
import type { EndpointDeps, EndpointType } from './endpoint.ts';

/**
 * Token information as Axway API Gateway answers it, for clients that were written against that (seed 002's product). It asks for no proof of
 * who calls, which RFC 7662 §2.1 forbids: off unless switched on. Whoever has a token learns what it is good for, nothing of its owner beside
 * the subject.
 */
export const tokenInformationEndpoint: EndpointType = {
  path: '/tokeninfo',
  methods: ['GET', 'POST'],
  isOffered: ({ tokenInformation }) => tokenInformation,
  compile: (deps) => (message) => inform(message, deps),
};

async function inform(message: Message, deps: EndpointDeps): Promise<HttpResponse> {
  const { form, query } = await readTokenRequest(message);
  if (form.has('access_token') && query.has('access_token'))
    throw new Refusal('oauth_request', { parameter: 'access_token', problem: 'twice' });
  const presented = readPresentedToken(form.has('access_token') ? form : query, 'access_token');
  const found = await findActive({ ...presented, hint: 'access_token' }, deps);
  const token = tokenPrefix(presented.hash);
  if (found.kind !== 'access_token') {
    const cause = found.kind === 'none' ? found.cause : 'refresh_token';
    throw new Refusal('oauth_token_information', { token, cause });
  }
  message.note({ token, client: found.client.name });
  const { scopes, subject, parameters, expiresAt } = found.token;
  return answerJson({
    ...parameters,
    audience: found.consumerKey,
    user_id: subject ?? found.consumerKey,
    scope: scopes.join(' '),
    expires_in: Math.max(0, Math.floor((expiresAt - deps.services.clock.now()) / 1000)),
  });
}
