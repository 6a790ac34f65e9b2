import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A person of the provider: their claims. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** What is wrong with the next ID tokens. */
export interface Faults {
  /** Claims that are put over the right ones. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Signed with a key that is not in the key set. */
  readonly foreignKey?: boolean;
}

/** An OpenID Connect provider on loopback: discovery, key set, code flow with PKCE, signed ID tokens (RS256), user info. */
export interface OpenidProvider {
  readonly issuer: string;
  readonly port: number;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in at the next visit; whoever comes has typed the right password. */
  person: Claims;
  /** Claims that only the user info end point has. */
  userInfo: Readonly<Record<string, unknown>>;
  faults: Faults;
  /** Requests by path. */
  readonly seen: Map<string, number>;
}

interface Grant {
  readonly person: Claims;
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

/** Starts one; stopped when the test ends. */
export async function startOpenidProvider(t: TestContext): Promise<OpenidProvider> {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const codes = new Map<string, Grant>();
  const tokens = new Map<string, Claims>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider: OpenidProvider = {
    ...{ issuer, port, clientId: 'gatewright', clientSecret: 'a secret: with / signs' },
    person: { sub: 'nobody' },
    userInfo: {},
    faults: {},
    seen: new Map(),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    provider.seen.set(url.pathname, (provider.seen.get(url.pathname) ?? 0) + 1);
    const json = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          token_endpoint_auth_methods_supported: ['client_secret_basic'],
          code_challenge_methods_supported: ['S256'],
          authorization_response_iss_parameter_supported: true,
        });
      case '/keys':
        return json(200, {
          keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'RS256' }],
        });
      case '/authorize': {
        const asked = (name: string) => url.searchParams.get(name) ?? '';
        if (asked('client_id') !== provider.clientId || asked('code_challenge_method') !== 'S256')
          return json(400, { error: 'invalid_request' });
        const code = randomBytes(16).toString('hex');
        codes.set(code, {
          person: provider.person,
          nonce: asked('nonce'),
          challenge: asked('code_challenge'),
          redirectUri: asked('redirect_uri'),
        });
        const back = new URL(asked('redirect_uri'));
        back.search = new URLSearchParams({ code, state: asked('state'), iss: issuer }).toString();
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/token':
        return json(...redeem(request, new URLSearchParams((await request.toArray()).join(''))));
      case '/userinfo': {
        const person = tokens.get((request.headers.authorization ?? '').replace(/^Bearer /, ''));
        return person === undefined ? json(401, {}) : json(200, { sub: person.sub, ...provider.userInfo });
      }
      default:
        return json(404, {});
    }
  }

  function redeem(request: IncomingMessage, body: URLSearchParams): readonly [status: number, body: unknown] {
    const basic = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    const [id = '', secret = ''] = basic.split(':').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    if (id !== provider.clientId || secret !== provider.clientSecret) return [401, { error: 'invalid_client' }];
    const code = body.get('code') ?? '';
    const grant = codes.get(code);
    codes.delete(code);
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url');
    if (grant?.challenge !== challenge || grant.redirectUri !== body.get('redirect_uri'))
      return [400, { error: 'invalid_grant' }];
    const accessToken = randomBytes(16).toString('hex');
    tokens.set(accessToken, grant.person);
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, exp: now + 300 };
    const claims = { iss: issuer, aud: provider.clientId, nonce: grant.nonce, ...times, ...grant.person };
    const key = provider.faults.foreignKey === true ? foreign.privateKey : keys.privateKey;
    const id_token = jwt({ ...claims, ...provider.faults.claims }, key);
    return [200, { access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token }];
  }
  return provider;
}

function jwt(claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
