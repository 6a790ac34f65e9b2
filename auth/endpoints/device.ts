import { sha256Hex } from '#core/credential';
import { Refusal, UnavailableError } from '#core/errors';
import { HeaderList } from '#core/headers';
import { base62 } from '#core/id';
import type { HttpResponse, Message } from '#core/message';
import { authenticateClient } from '../authenticate-client.ts';
import { findAudience } from '../checks/requested-resource.ts';
import { grantScopes } from '../checks/scope.ts';
import { checkStorage } from '../checks/storage.ts';
import { isUserCodeTaken, saveDeviceRequest } from '../device/record.ts';
import { newUserCode } from '../device/user-code.ts';
import { readTokenRequest } from '../token-request.ts';
import type { EndpointDeps, EndpointType } from './endpoint.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
/** 256 bits. */
const DEVICE_CODE_LENGTH = 43;
const USER_CODE_TRIES = 5;

/**
 * Device authorization (RFC 8628 §3.1): a device without a browser gets a code for itself and one that its owner types on another device. The
 * client proves itself as at the token end point; a public one names itself. The owner's page belongs to the authorization end point that
 * shares this issuer: without one nobody could decide, and the request is refused.
 */
export const deviceEndpoint: EndpointType = {
  path: '/device',
  methods: ['POST'],
  isOffered: ({ grantTypes }) => grantTypes.includes(DEVICE_CODE),
  metadata: ({ issuer }) => ({ device_authorization_endpoint: `${issuer}/device` }),
  compile: (deps) => (message) => authorizeDevice(message, deps),
};

async function authorizeDevice(message: Message, deps: EndpointDeps): Promise<HttpResponse> {
  const { settings, services, context } = deps;
  const { store, clock, random } = services;
  const request = await readTokenRequest(message);
  const { client, subscription, consumerKey } = await authenticateClient({ ...request, message }, deps);
  const [page] = services.endpoints.authorizationProjectsOf(context.project.name);
  if (page === undefined) throw new Refusal('authorization_not_ready', { tokenProject: context.project.name });
  const { scopes } = grantScopes(request.form.get('scope'), { client, subscription }, settings.scopeMatch);
  try {
    checkStorage(services.storageLow());
    services.checkIssueRate(client);
    const now = clock.now();
    const endsAt = now + settings.deviceCodeExpiryMs;
    const deviceCode = base62(random, DEVICE_CODE_LENGTH);
    let userCode = newUserCode(random);
    for (let tries = 1; await isUserCodeTaken(store, userCode, now); tries += 1) {
      if (tries === USER_CODE_TRIES) throw new Refusal('gateway_busy', { what: 'user codes', limit: 'no free one' });
      userCode = newUserCode(random);
    }
    await saveDeviceRequest(
      store,
      { deviceCode, userCode },
      {
        ...{ clientId: client.id, subscriptionId: subscription.id, consumerKey },
        ...{ projectId: context.project.id, serverGroupId: context.serverGroup.id },
        ...{ scopes, audience: findAudience(request, undefined), endsAt, pollMs: settings.devicePollMs },
        ...{ polledAt: undefined, state: 'pending' },
      },
    );
    message.note({ device: sha256Hex(deviceCode).slice(0, 8), scopes: scopes.slice(0, 20) });
    const verification = `${page.url.replace(/\/$/, '')}/device`;
    return {
      status: 200,
      headers: new HeaderList(['Content-Type', 'application/json', 'Cache-Control', 'no-store', 'Pragma', 'no-cache']),
      body: JSON.stringify({
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: verification,
        verification_uri_complete: `${verification}?user_code=${userCode}`,
        expires_in: Math.floor(settings.deviceCodeExpiryMs / 1000),
        interval: Math.ceil(settings.devicePollMs / 1000),
      }),
    };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new Refusal('store_unavailable', { store: store.kind, detail: error.message });
  }
}
