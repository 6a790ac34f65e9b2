import * as library from 'openid-client';
import { type ClientProgram, inProcess } from '../programs.ts';

/** openid-client (npm), as its documentation has it. @param fetchWith trusts the certificate of the test, where there is one */
export function openidClient(fetchWith: typeof fetch): ClientProgram {
  let config: library.Configuration;
  let settings: Record<string, string>;
  let verifier = '';
  let state = '';
  let device: library.DeviceAuthorizationResponse;

  return inProcess({
    async open(given) {
      settings = given;
      const execute = [library.allowInsecureRequests];
      const authentication = await authenticationOf(given);
      config = await library.discovery(new URL(given.issuer ?? ''), given.clientId ?? '', undefined, authentication, {
        ...{ algorithm: 'oauth2', execute, [library.customFetch]: fetchWith as library.CustomFetch },
      });
      return { ...config.serverMetadata() };
    },
    client_credentials: () => library.clientCredentialsGrant(config, { scope: settings.scope ?? '' }),
    authorize: async () => ({ url: library.buildAuthorizationUrl(config, await parameters()).href }),
    authorize_pushed: async () => ({
      url: (await library.buildAuthorizationUrlWithPAR(config, await parameters())).href,
    }),
    exchange: ({ callback }) =>
      library.authorizationCodeGrant(config, new URL(callback ?? ''), {
        pkceCodeVerifier: verifier,
        expectedState: state,
      }),
    refresh: ({ refreshToken }) => library.refreshTokenGrant(config, refreshToken ?? ''),
    introspect: ({ token }) => library.tokenIntrospection(config, token ?? ''),
    async revoke({ token }) {
      await library.tokenRevocation(config, token ?? '');
      return { status: 200 };
    },
    async device() {
      device = await library.initiateDeviceAuthorization(config, { scope: settings.scope ?? '' });
      return { ...device };
    },
    device_token: () => library.pollDeviceAuthorizationGrant(config, device),
    token_exchange: ({ subjectToken, scope }) =>
      library.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
        subject_token: subjectToken ?? '',
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        scope: scope ?? '',
      }),
  });

  async function parameters(): Promise<Record<string, string>> {
    verifier = library.randomPKCECodeVerifier();
    state = library.randomState();
    return {
      redirect_uri: settings.redirectUri ?? '',
      scope: settings.scope ?? '',
      code_challenge: await library.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
    };
  }
}

async function authenticationOf(given: Readonly<Record<string, string>>): Promise<library.ClientAuth> {
  if (given.method === 'private_key_jwt') {
    const jwk = JSON.parse(given.privateJwk ?? '');
    const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
    return library.PrivateKeyJwt({ key, kid: given.keyId ?? '' });
  }
  if (given.method === 'client_secret_post') return library.ClientSecretPost(given.clientSecret);
  return library.ClientSecretBasic(given.clientSecret);
}
