import { Refusal } from '#core/errors';
import type { HttpResponse, Message } from '#core/message';
import { authenticateClient } from '../authenticate-client.ts';
import { type AuthorizationParameters, readParameters } from '../authorization/parameters.ts';
import { PUSHED_LIFE_MS, savePushedRequest } from '../authorization/pushed-request.ts';
import { checkRequest } from '../authorization/request.ts';
import { identifyRequester } from '../authorization/requester.ts';
import { readFormBody } from '../checks/media-type.ts';
import { answerJson } from '../introspection/json-answer.ts';
import { readTokenRequest } from '../token-request.ts';
import type { EndpointDeps, EndpointType } from './endpoint.ts';

/**
 * Pushed authorization requests (RFC 9126): the client proves itself as at the token end point, its request is checked as the authorization
 * end point will check it, and it gets a reference that is good once.
 */
export const parEndpoint: EndpointType = {
  path: '/par',
  methods: ['POST'],
  metadata: ({ issuer, context, services }) =>
    services.endpoints.authorizationProjectsOf(context.project.name).length === 0
      ? {}
      : { pushed_authorization_request_endpoint: `${issuer}/par` },
  compile: (deps) => (message) => push(message, deps),
};

async function push(message: Message, deps: EndpointDeps): Promise<HttpResponse> {
  const { context, services } = deps;
  if (services.endpoints.authorizationProjectsOf(context.project.name).length === 0)
    throw new Refusal('route_unknown', { nearest: context.project.contextPath });
  const request = await readTokenRequest(message);
  const { consumerKey, client } = await authenticateClient({ ...request, message }, deps);
  services.checkIssueRate(client);
  const parameters = pushedParameters(await readFormBody(message), consumerKey);
  checkPushed(parameters, deps);
  const projectId = context.project.id;
  const uri = await savePushedRequest({ consumerKey, projectId, parameters }, services);
  message.note({ pushed: 'request', scopes: parameters.values.scope?.split(' ').slice(0, 20) });
  return answerJson({ request_uri: uri, expires_in: PUSHED_LIFE_MS / 1000 }, 201);
}

/** The parameters of the request; whose it is, is who proved itself (§2.1). A request_uri must not be pushed. */
function pushedParameters(text: string, consumerKey: string): AuthorizationParameters {
  const parameters = readParameters(text);
  if (parameters.values.request_uri !== undefined)
    throw new Refusal('authorization_request', {
      ...{ parameter: 'request_uri', problem: 'not_offered', detail: 'in a pushed request' },
    });
  return { ...parameters, values: { ...parameters.values, client_id: consumerKey } };
}

/** One of the authorization end points that share this issuer has to take it; what is wrong is said as the first of them sees it. */
function checkPushed(parameters: AuthorizationParameters, { context, services, settings }: EndpointDeps): void {
  const requester = identifyRequester(parameters, services);
  let first: unknown;
  for (const project of services.endpoints.authorizationProjectsOf(context.project.name)) {
    try {
      checkRequest(parameters, requester, { settings: project.settings, tokenSettings: settings });
      return;
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}
