import { deployAndWait } from './quickstart.ts';
import type { System } from './system.ts';

/** An authorization server with everything that it can do, on a running system: issuer, sign-in pages, clients, an owner and an API. */
export interface AuthorizationServer {
  /** The issuer, which is the token end point too. */
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  /** A confidential client: `client_secret`, redirect URI {@link REDIRECT_URI}. */
  readonly client: Credentials;
  /** Another confidential client of the same product. */
  readonly otherClient: Credentials;
  /** A confidential client of another product. */
  readonly foreignClient: Credentials;
  /** A public client: it has no secret. */
  readonly publicClient: { readonly id: string; readonly name: string };
  readonly owner: { readonly name: string; readonly password: string; readonly subject: string };
  /** URL of an API that Verify protects; it echoes. */
  readonly api: string;
}

/** A client's name, key and secret. */
export interface Credentials {
  readonly name: string;
  readonly id: string;
  readonly secret: string;
}

/** Nobody listens there: tests read the address that the browser would go to. */
export const REDIRECT_URI = 'https://client.example/callback?keep=1';
/** Scopes of the product. None is a default: without `scope` all are granted. */
export const SCOPES = ['orders:read', 'orders:write', 'profile'] as const;

const GRANT_TYPES = [
  'client_credentials',
  'authorization_code',
  'refresh_token',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];

/** Settings of the two policies beside the defaults; `client`: further fields of the confidential client. */
export interface AuthorizationServerOptions {
  readonly token?: Readonly<Record<string, unknown>>;
  readonly authorization?: Readonly<Record<string, unknown>>;
  readonly client?: Readonly<Record<string, unknown>>;
}

/** Makes it through the management API, as a user would, and waits until it runs. */
export async function createAuthorizationServer(
  system: System,
  options: AuthorizationServerOptions = {},
): Promise<AuthorizationServer> {
  const project = (body: object) => system.must('POST', '/projects', body);
  await project({ displayName: 'Access token', kind: 'oauth-token-endpoint', contextPath: '/token' });
  await configure(system, 'access-token', 'oauth-token-endpoint', { grantTypes: GRANT_TYPES, ...options.token });
  const authorize = { displayName: 'Sign in', kind: 'oauth-authorization-endpoint', contextPath: '/authorize' };
  await project({ ...authorize, tokenProject: 'access-token' });
  if (options.authorization !== undefined)
    await configure(system, 'sign-in', 'oauth-authorization-endpoint', options.authorization);
  const api = { displayName: 'Orders API', kind: 'http', contextPath: '/orders', targetUrl: 'echo:' };
  await project({ ...api, secureWith: 'oauth' });
  for (const name of ['access-token', 'sign-in', 'orders-api']) await deployAndWait(system, name);
  const scopes = SCOPES.map((scope) => ({ scope }));
  await system.must('POST', '/products', { displayName: 'Shop', projects: ['orders-api'], scopes });
  await system.must('POST', '/products', { displayName: 'Elsewhere', projects: [], scopes });
  const redirectUris = [REDIRECT_URI];
  const client = await register(system, 'shop', { displayName: 'Web shop', redirectUris, ...options.client });
  const otherClient = await register(system, 'shop', { displayName: 'Other shop', redirectUris });
  const foreignClient = await register(system, 'elsewhere', { displayName: 'Foreign', redirectUris });
  const publicUris = ['com.example.app:/callback', 'http://127.0.0.1/callback', REDIRECT_URI];
  const app = { displayName: 'Phone app', kind: 'public', redirectUris: publicUris };
  const publicClient = await register(system, 'shop', app);
  const owner = { name: 'alice', password: 'correct horse battery staple' };
  const { id: subject } = await system.must<{ id: string }>('POST', '/resource-owners', owner);
  return {
    ...{ issuer: `${system.gateway}/token`, authorizationEndpoint: `${system.gateway}/authorize` },
    ...{ client, otherClient, foreignClient, publicClient },
    ...{ owner: { ...owner, subject }, api: `${system.gateway}/orders` },
  };
}

/** Changes settings of the one policy of a type in a project; it takes effect at the next deployment. */
export async function configure(
  system: System,
  project: string,
  type: string,
  config: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { items } = await system.must<{ items: { name: string; type: string }[] }>(
    ...(['GET', `/projects/${project}/policies`] as const),
  );
  const policy = items.find((one) => one.type === type);
  await system.must('PATCH', `/projects/${project}/policies/${policy?.name}`, { config });
}

/** Registers a client with an active subscription to a product and its consumer key. */
export async function register(
  system: System,
  product: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<Credentials> {
  const { name } = await system.must<{ name: string }>('POST', '/clients', fields);
  const subscription = await system.must<{ name: string }>('POST', '/subscriptions', { client: name, product });
  const { consumerKey, consumerSecret } = await system.must<{ consumerKey: string; consumerSecret?: string }>(
    ...(['POST', `/subscriptions/${subscription.name}/keys`, {}] as const),
  );
  return { name, id: consumerKey, secret: consumerSecret ?? '' };
}
