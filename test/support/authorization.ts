import { createTokenIssuer } from '#auth/issuer';
import { createTokenVerifier } from '#auth/verifier';
import { HandClock } from '#core/clock';
import type { Egress } from '#core/egress';
import { UnavailableError } from '#core/errors';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { systemRandom } from '#core/random';
import type { OwnerCheck, ResourceOwner, ResourceOwners } from '#core/resource-owner';
import type { SigningKeys } from '#core/signing-keys';
import type { TokenStore } from '#core/token-store';
import { createDataPlane, type DataPlane } from '#gateway/data-plane';
import { createPresentEndpoints } from '#gateway/deployed-endpoints';
import type { RecordBatch } from '#gateway/record';
import { policyTypes } from '#policies/registry';
import { createMemoryCounters } from '#stores/counters/memory';
import { createMemoryTokenStore } from '#stores/memory/token-store';
import { createTestRegistry, type TestRegistry } from './client-registry.ts';
import { attach, deploymentOf, planeDefaults, testGroup } from './data-plane.ts';
import { asOne } from './token-stores.ts';

/** The owner that can sign in, with the password `correct horse`. */
export const OWNER: ResourceOwner = {
  subject: 'own_0000000000000001',
  username: 'ada',
  displayName: 'Ada Lovelace',
  generation: 0,
};
export const PASSWORD = 'correct horse';

/** Resource owners in memory, whose answers a test may turn. */
export interface TestOwners extends ResourceOwners {
  /** In place of the password's own check. */
  answer: OwnerCheck | 'unavailable' | undefined;
  /** Names that were tried. */
  readonly tried: string[];
}

function createTestOwners(): TestOwners {
  const directories = [
    { name: 'local', displayName: 'Local', kind: 'local' },
    { name: 'acme', displayName: 'Acme Login', kind: 'oidc' },
  ] as const;
  const owners: TestOwners = {
    answer: undefined,
    tried: [],
    findDirectory: (name) => directories.find((directory) => directory.name === name),
    async checkPassword({ username, password }) {
      owners.tried.push(username);
      if (owners.answer === 'unavailable') throw new UnavailableError('the manager does not answer');
      if (owners.answer !== undefined) return owners.answer;
      const isRight = username === OWNER.username && password === PASSWORD;
      return isRight ? { state: 'known', owner: OWNER } : { state: 'wrong' };
    },
    async beginExternal({ redirectUri }) {
      const query = new URLSearchParams({ redirect_uri: redirectUri, state: 'abc' });
      return { location: `https://idp.example.com/authorize?${query}`, handle: 'handle-1' };
    },
    async finishExternal({ handle, query }) {
      const isGood = handle === 'handle-1' && new URLSearchParams(query).get('state') === 'abc';
      return isGood ? { state: 'known', owner: OWNER } : { state: 'wrong' };
    },
  };
  return owners;
}

/** A page that somebody publishes. */
const HTML_PAGE = {
  headers: [{ name: 'Content-Type', value: 'text/html' }],
  body: '<!doctype html><html lang="en"><title>A page</title><body>A page of an API</body></html>',
};

/** Token end point at `/token`, authorization end point at `/authorize`, an echo at `/orders` and a page at `/evil`, behind a real listener. */
export interface AuthorizationSystem extends AsyncDisposable {
  /** Origin of everything but the sign-in pages. */
  readonly origin: string;
  /** URL of the authorization end point; on a host of its own. */
  readonly url: string;
  readonly issuer: string;
  readonly clock: HandClock;
  readonly registry: TestRegistry;
  readonly owners: TestOwners;
  readonly store: TokenStore;
  readonly plane: DataPlane;
  readonly batches: readonly RecordBatch[];
  /** Deploys with other settings. */
  configure(settings: {
    readonly authorization?: Readonly<Record<string, unknown>>;
    readonly token?: Readonly<Record<string, unknown>>;
    /** Scopes that a policy chain of the token end point leaves, in words; scopes come from it then. */
    readonly scopesByPolicy?: string;
    readonly isTokenProjectAway?: boolean;
    readonly isOnOneOrigin?: boolean;
  }): void;
}

/** Opens a gateway with the authorization server in this process: real policies, listener, pages and memory store. */
export async function openAuthorization(): Promise<AuthorizationSystem> {
  const clock = new HandClock();
  const registry = createTestRegistry();
  const owners = createTestOwners();
  const store = createMemoryTokenStore({ retentionMs: 7_200_000, random: systemRandom });
  const endpoints = createPresentEndpoints();
  const keys = { current: systemRandom.bytes(32), previous: undefined };
  const unused = (): never => {
    throw new Error('not used here');
  };
  const egress: Egress = { fetch: unused, resolve: unused };
  const signingKeys: SigningKeys = { current: () => undefined, find: () => undefined, published: () => [] };
  const shared = { store: asOne(store), registry, clock, metrics: noMetrics, tagKeys: () => keys, signingKeys, egress };
  const counters = createMemoryCounters(clock);
  const tokenIssuer = createTokenIssuer({
    counters,
    ...{ ...shared, owners, endpoints, random: systemRandom, openSealed: unused },
    limits: { issuePerSecond: 1000, liveTokens: 100_000, failedAuthPerMinute: 1000 },
    storageLow: () => undefined,
  });
  const tokenVerifier = createTokenVerifier({
    ...shared,
    freshness: { staleForMs: () => undefined },
    serverGroupName: (id) => id,
    limits: { cacheEntries: 1000, unknownEntries: 1000, missesPerSecond: 50 },
  });
  const batches: RecordBatch[] = [];
  const plane = createDataPlane({
    policyTypes,
    services: {
      ...{ clock, random: systemRandom, metrics: noMetrics, registry, egress },
      ...{ tokenIssuer, tokenVerifier, authorizationEndpoint: tokenIssuer },
      counters,
    },
    endpoints,
    logger: noLogger,
    gatewayId: 'gtw_1',
    name: 'test-1',
    options: planeDefaults,
    onRecords: (batch) => batches.push(batch),
  });
  const { port } = await plane.listen();
  const origin = `http://127.0.0.1:${port}`;
  const loginOrigin = `http://localhost:${port}`;
  let seq = 0;
  const system: AuthorizationSystem = {
    origin,
    url: `${loginOrigin}/authorize`,
    issuer: `${origin}/token`,
    ...{ clock, registry, owners, store, plane, batches },
    configure({ authorization = {}, token = {}, scopesByPolicy, isTokenProjectAway = false, isOnOneOrigin = false }) {
      seq += 1;
      const authorizationConfig = { tokenProject: 'access-token', ...authorization };
      const deployments = [
        scopesByPolicy === undefined
          ? endPoint('access-token', 'oauth-token-endpoint', '/token', token, seq)
          : withScopeChain(scopesByPolicy, token, seq),
        endPoint('login', 'oauth-authorization-endpoint', '/authorize', authorizationConfig, seq),
        deploymentOf({ id: `dep_orders_${seq}` }),
        deploymentOf({
          ...{ id: `dep_evil_${seq}`, name: 'evil', contextPath: '/evil', urls: [] },
          policies: [{ name: 'mock', type: 'mock-answer', config: HTML_PAGE }],
          endpoints: attach({ proxyRequest: ['mock'] }),
        }),
      ];
      const serverGroup = {
        ...testGroup(),
        publicUrl: origin,
        ...(!isOnOneOrigin && { authorizationUrl: loginOrigin }),
      };
      const { refused } = plane.apply({ serverGroup, deployments: deployments.slice(isTokenProjectAway ? 1 : 0), seq });
      if (refused.length > 0) throw new Error(JSON.stringify(refused));
    },
    async [Symbol.asyncDispose]() {
      await plane.close();
      await store[Symbol.asyncDispose]();
    },
  };
  system.configure({});
  return system;
}

function endPoint(name: string, kind: string, contextPath: string, config: Record<string, unknown>, seq: number) {
  return deploymentOf({
    ...{ id: `dep_${name}_${seq}`, name, contextPath, urls: [] },
    project: { kind: kind as 'oauth-token-endpoint' },
    policies: [{ name: kind, type: kind, config }],
    endpoints: attach({ proxyRequest: [kind] }),
  });
}

function withScopeChain(words: string, config: Record<string, unknown>, seq: number) {
  const type = 'oauth-token-endpoint';
  const attributes = [{ name: 'scopes.for.token', type: 'set', value: words }];
  return deploymentOf({
    ...{
      id: `dep_access-token_${seq}`,
      name: 'access-token',
      contextPath: '/token',
      urls: [],
      project: { kind: type },
    },
    policies: [
      { name: type, type, config: { scopeSource: 'policy', scopeChain: 'scopes', ...config } },
      { name: 'assign', type: 'assign-variables', config: { attributes } },
    ],
    chains: { scopes: ['assign'] },
    endpoints: attach({ proxyRequest: [type] }),
  });
}

/** An answer as a browser sees it. */
export interface PageAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly headers: Headers;
  readonly text: string;
  /** Values of the hidden fields of the page's first form. */
  readonly fields: Readonly<Record<string, string>>;
}

/** A browser without script: it keeps cookies for each host, follows nothing by itself, and reads forms. */
export interface TestBrowser {
  get(url: string, headers?: Record<string, string>): Promise<PageAnswer>;
  post(url: string, form: Readonly<Record<string, string>>, headers?: Record<string, string>): Promise<PageAnswer>;
  /** Follows redirects by GET until a page comes, or a redirect to another origin than `origin`. */
  follow(answer: PageAnswer, origin: string): Promise<PageAnswer>;
  readonly cookies: Map<string, string>;
}

export function createTestBrowser(): TestBrowser {
  const cookies = new Map<string, string>();
  const send = async (url: string, init: RequestInit): Promise<PageAnswer> => {
    const headers = new Headers(init.headers);
    if (cookies.size > 0) headers.set('Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const answer = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await answer.text();
    const location = answer.headers.get('location') ?? undefined;
    return { status: answer.status, location, headers: answer.headers, text, fields: fieldsOf(text) };
  };
  const browser: TestBrowser = {
    cookies,
    get: (url, headers = {}) => send(url, { headers }),
    post: (url, form, headers = {}) => send(url, { method: 'POST', headers, body: new URLSearchParams(form) }),
    async follow(answer, origin) {
      let current = answer;
      while (current.location !== undefined && new URL(current.location).origin === origin)
        current = await browser.get(current.location);
      return current;
    },
  };
  return browser;
}

function fieldsOf(text: string): Record<string, string> {
  const [, form = ''] = /<form[^>]*>([\s\S]*?)<\/form>/.exec(text) ?? [];
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return Object.fromEntries(fields.map(([, name, value = '']) => [name, value.replaceAll('&amp;', '&')]));
}
