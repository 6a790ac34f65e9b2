import * as library from 'oauth4webapi';
import { type ClientProgram, inProcess } from '../programs.ts';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** oauth4webapi (npm), as its documentation has it. @param fetchWith trusts the certificate of the test, where there is one */
export function oauth4webapi(fetchWith: typeof fetch): ClientProgram {
  let server: library.AuthorizationServer;
  let client: library.Client;
  let settings: Record<string, string>;
  let authentication: library.ClientAuth;
  let verifier = '';
  let state = '';
  let deviceCode = '';
  const options = { [library.allowInsecureRequests]: true, [library.customFetch]: fetchWith } as const;

  return inProcess({
    async open(given) {
      settings = given;
      client = { client_id: given.clientId ?? '' };
      authentication = await authenticationOf(given);
      const issuer = new URL(given.issuer ?? '');
      const discovery = { ...options, algorithm: 'oauth2' } as unknown as library.DiscoveryRequestOptions;
      const answer = await library.discoveryRequest(issuer, discovery);
      server = await library.processDiscoveryResponse(issuer, answer);
      return { ...server };
    },
    async client_credentials() {
      const wanted = { scope: settings.scope ?? '' };
      const answer = await library.clientCredentialsGrantRequest(server, client, authentication, wanted, options);
      return library.processClientCredentialsResponse(server, client, answer);
    },
    async authorize() {
      const url = new URL(server.authorization_endpoint ?? '');
      url.search = (await parameters()).toString();
      return { url: url.href };
    },
    async authorize_pushed() {
      const answer = await library.pushedAuthorizationRequest(
        ...([server, client, authentication, await parameters(), options] as const),
      );
      const { request_uri } = await library.processPushedAuthorizationResponse(server, client, answer);
      const url = new URL(server.authorization_endpoint ?? '');
      url.search = new URLSearchParams({ client_id: client.client_id, request_uri }).toString();
      return { url: url.href };
    },
    async exchange({ callback }) {
      const back = library.validateAuthResponse(server, client, new URL(callback ?? ''), state);
      const answer = await library.authorizationCodeGrantRequest(
        ...([server, client, authentication, back, settings.redirectUri ?? '', verifier, options] as const),
      );
      return library.processAuthorizationCodeResponse(server, client, answer);
    },
    async refresh({ refreshToken }) {
      const answer = await library.refreshTokenGrantRequest(
        ...([server, client, authentication, refreshToken ?? '', options] as const),
      );
      return library.processRefreshTokenResponse(server, client, answer);
    },
    async introspect({ token }) {
      const answer = await library.introspectionRequest(server, client, authentication, token ?? '', options);
      return library.processIntrospectionResponse(server, client, answer);
    },
    async revoke({ token }) {
      const answer = await library.revocationRequest(server, client, authentication, token ?? '', options);
      await library.processRevocationResponse(answer);
      return { status: 200 };
    },
    async device() {
      const wanted = { scope: settings.scope ?? '' };
      const answer = await library.deviceAuthorizationRequest(server, client, authentication, wanted, options);
      const device = await library.processDeviceAuthorizationResponse(server, client, answer);
      deviceCode = device.device_code;
      return { ...device };
    },
    async device_token() {
      const answer = await library.deviceCodeGrantRequest(server, client, authentication, deviceCode, options);
      return library.processDeviceCodeResponse(server, client, answer);
    },
    async token_exchange({ subjectToken, scope }) {
      const wanted = {
        ...{ subject_token: subjectToken ?? '', scope: scope ?? '' },
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      };
      const answer = await library.genericTokenEndpointRequest(
        ...([server, client, authentication, EXCHANGE, wanted, options] as const),
      );
      return library.processGenericTokenEndpointResponse(server, client, answer);
    },
  });

  async function parameters(): Promise<URLSearchParams> {
    verifier = library.generateRandomCodeVerifier();
    state = library.generateRandomState();
    return new URLSearchParams({
      client_id: client.client_id,
      response_type: 'code',
      redirect_uri: settings.redirectUri ?? '',
      scope: settings.scope ?? '',
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
    });
  }
}

async function authenticationOf(given: Readonly<Record<string, string>>): Promise<library.ClientAuth> {
  if (given.method === 'private_key_jwt') {
    const jwk = JSON.parse(given.privateJwk ?? '');
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    return library.PrivateKeyJwt({ key, kid: given.keyId ?? '' });
  }
  if (given.method === 'client_secret_post') return library.ClientSecretPost(given.clientSecret ?? '');
  return library.ClientSecretBasic(given.clientSecret ?? '');
}
