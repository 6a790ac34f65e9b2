import { tokenPrefix } from '#core/credential';
import { ConfigurationError } from '#core/errors';
import { HeaderList } from '#core/headers';
import { base62 } from '#core/id';
import type { HttpResponse, Message } from '#core/message';
import type { GrantType } from '#core/token-issuer';
import { authenticateClient, refusePublicClient } from '../authenticate-client.ts';
import type { AuthenticatedClient } from '../authenticated-client.ts';
import { callerOf } from '../caller.ts';
import { checkGrantType } from '../checks/grant-type.ts';
import { checkStorage } from '../checks/storage.ts';
import { ASSERTION_ALGORITHMS } from '../client-auth/assertion.ts';
import { supportedMethods } from '../client-auth/table.ts';
import type { GrantHandler } from '../grants/grant.ts';
import { GRANTS } from '../grants/table.ts';
import type { IssuedAnswer } from '../issue.ts';
import { readTokenRequest } from '../token-request.ts';
import type { EndpointDeps, EndpointType } from './endpoint.ts';

/** The token end point (RFC 6749 §3.2), at the context path of its project. */
export const TOKEN_ENDPOINT: EndpointType = {
  path: '/',
  methods: ['POST'],
  metadata: (deps) => ({
    token_endpoint: deps.issuer === deps.context.serverGroup.publicUrl ? `${deps.issuer}/` : deps.issuer,
    grant_types_supported: deps.settings.grantTypes,
    token_endpoint_auth_methods_supported: supportedMethods(deps),
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
  }),
  compile: compileTokenEndpoint,
};

/** The checks run in the order in which they stand here; what is issued is durable before it is answered. */
function compileTokenEndpoint(deps: EndpointDeps): (message: Message) => Promise<HttpResponse> {
  const { settings, context, services } = deps;
  const { checkIssueRate, checkLiveTokens, storageLow } = services;
  const handlers = new Map(settings.grantTypes.map((type) => [type, findHandler(type)]));
  const issued = services.metrics.counter('tokens_issued_total', 'Access tokens issued.', {
    project: context.project.name,
  });

  return async (message) => {
    const request = await readTokenRequest(message);
    const grantType = checkGrantType(request, settings);
    const client = await authenticateClient({ ...request, message }, deps);
    const handler = handlers.get(grantType) ?? findHandler(grantType);
    if (handler.allowsPublicClients !== true) refusePublicClient(client);
    // Before the grant, so that no code or refresh token is used up for nothing.
    checkStorage(storageLow());
    checkIssueRate(client.client);
    await checkLiveTokens(client.client);
    const attemptId = base62(services.random, 22);
    const answer = await handler.issue({ request, client, message, attemptId }, deps);
    if (settings.monitoring) issued.add();
    noteIssued(answer, { grantType, client, message, deps });
    return renderAnswer(answer);
  };
}

function findHandler(type: GrantType): GrantHandler {
  const handler = GRANTS.find((one) => one.type === type);
  if (handler !== undefined) return handler;
  throw new ConfigurationError(`Grant type ${type} cannot be offered.`, '/grantTypes');
}

function noteIssued(
  { hash, scopes }: IssuedAnswer,
  about: {
    readonly grantType: GrantType;
    readonly client: AuthenticatedClient;
    readonly message: Message;
    readonly deps: EndpointDeps;
  },
): void {
  const { grantType, message, deps } = about;
  const { client, subscription, secret, method } = about.client;
  const prefix = tokenPrefix(hash);
  message.note({ grantType, token: prefix, clientAuth: method, scopes: scopes.slice(0, 20) });
  if (!deps.settings.monitoring) return;
  const ids = { subscriptionId: subscription.id, productId: subscription.productId, secretId: secret?.id };
  message.identify(callerOf(ids, client, prefix));
}

/** The successful answer (RFC 6749 §5.1). */
function renderAnswer({ accessToken, tokenType, expiresInMs, refreshToken, scope, more }: IssuedAnswer): HttpResponse {
  return {
    status: 200,
    headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'no-store', 'Pragma', 'no-cache']),
    body: JSON.stringify({
      access_token: accessToken,
      token_type: tokenType,
      expires_in: Math.floor(expiresInMs / 1000),
      refresh_token: refreshToken,
      scope,
      ...more,
    }),
  };
}
