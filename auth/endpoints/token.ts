import { tokenPrefix } from '#core/credential';
import { Refusal, UnavailableError } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { HttpResponse, Message } from '#core/message';
import type { PolicyContext } from '#core/policy';
import type { TokenEndpointSettings } from '#core/token-issuer';
import { authenticateClient } from '../authenticate-client.ts';
import { callerOf } from '../caller.ts';
import { checkGrantType } from '../checks/grant-type.ts';
import { findCredentials } from '../checks/presented-credentials.ts';
import { checkStorage } from '../checks/storage.ts';
import { grantClientCredentials } from '../grants/client-credentials.ts';
import type { IssuerServices } from '../issuer.ts';
import { readTokenRequest } from '../token-request.ts';
import { issueOpaqueToken } from '../tokens/opaque.ts';

/** What each grant type grants. */
const GRANTS = { client_credentials: grantClientCredentials } as const;

/**
 * Makes the handler of `POST` on the token end point (RFC 6749 §3.2). The checks run in the order in which they stand here; the token is
 * durable before it is answered.
 */
export function compileTokenEndpoint(
  settings: TokenEndpointSettings,
  context: PolicyContext,
  services: IssuerServices,
): (message: Message) => Promise<HttpResponse> {
  const { clock, registry, checkIssueRate, checkLiveTokens, storageLow } = services;
  const parameters = Object.fromEntries(settings.additionalParameters.map(({ name, value }) => [name, value]));
  const answer = compileAnswer(settings);
  const issued = services.metrics.counter('tokens_issued_total', 'Access tokens issued.', {
    project: context.project.name,
  });

  async function issue(message: Message): Promise<HttpResponse> {
    const request = await readTokenRequest(message);
    const grantType = checkGrantType(request, settings);
    const credentials = findCredentials(message.request.headers, request, settings);
    const proved = authenticateClient(credentials, message.remoteAddress, {
      ...services,
      onProved: ({ client, subscription, secret }) => {
        const address = message.remoteAddress;
        registry.markSecretUsed({ secretId: secret.id, at: clock.now(), address });
        if (!settings.monitoring) return;
        const ids = { subscriptionId: subscription.id, productId: subscription.productId, secretId: secret.id };
        message.identify(callerOf(ids, client, undefined));
      },
    });
    const { claims, scope } = GRANTS[grantType](request, proved, { settings, context, parameters, now: clock.now() });
    checkStorage(storageLow());
    checkIssueRate(proved.client);
    await checkLiveTokens(proved.client);
    const { value, hash } = await issueOpaqueToken(settings.accessTokenLength, claims, services);
    const prefix = tokenPrefix(hash);
    if (settings.monitoring) {
      issued.add();
      message.identify(callerOf(claims, proved.client, prefix));
    }
    message.note({ grantType, token: prefix, credentialsIn: credentials.place, scopes: claims.scopes.slice(0, 20) });
    return answer(value, scope);
  }

  return async (message) => {
    try {
      return await issue(message);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      throw new Refusal('store_unavailable', { store: services.store.kind, detail: error.message });
    }
  };
}

/** The successful answer (RFC 6749 §5.1). Only the token and the scope differ from one to the next; both have no character to escape. */
function compileAnswer(settings: TokenEndpointSettings): (token: string, scope: string | undefined) => HttpResponse {
  const expiresIn = Math.floor(settings.accessTokenExpiryMs / 1000);
  const rest = `","token_type":${JSON.stringify(settings.accessTokenType)},"expires_in":${expiresIn}`;
  return (token, scope) => ({
    status: 200,
    headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'no-store', 'Pragma', 'no-cache']),
    body: `{"access_token":"${token}${rest}${scope === undefined ? '}' : `,"scope":${JSON.stringify(scope)}}`}`,
  });
}
