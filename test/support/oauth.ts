import { createTokenIssuer } from '#auth/issuer';
import { createTokenVerifier, type TokenVerification } from '#auth/verifier';
import { HandClock } from '#core/clock';
import type { CounterStore } from '#core/counter-store';
import { type Egress, EgressError, type EgressRequest } from '#core/egress';
import { ConfigurationError, Refusal } from '#core/errors';
import type { HttpResponse } from '#core/message';
import { noMetrics } from '#core/metrics';
import type { Phase } from '#core/model/endpoint';
import type { AnyPolicyType, CompiledPolicy, PolicyContext, PolicyHandler, PolicyServices } from '#core/policy';
import { systemRandom } from '#core/random';
import type { ResourceOwners } from '#core/resource-owner';
import type { SigningKeys } from '#core/signing-keys';
import type { TokenStore } from '#core/token-store';
import { createPresentEndpoints, type PresentEndpoints } from '#gateway/deployed-endpoints';
import { renderRefusal } from '#gateway/refusal';
import { oauthTokenEndpoint } from '#policies/oauth-token-endpoint/policy';
import { oauthVerifyAccessToken } from '#policies/oauth-verify-access-token/policy';
import { createMemoryCounters } from '#stores/counters/memory';
import { createMemoryTokenStore } from '#stores/memory/token-store';
import { createTestRegistry, type Registered, type TestRegistry } from './client-registry.ts';
import { createMessage, type TestMessage, type TestRequest } from './message.ts';
import { createTestSigningKeys } from './signing-keys.ts';
import { asOne } from './token-stores.ts';

/** An answer as a client sees it, and what the operator would see beside it. */
export interface Answer {
  readonly status: number;
  /** First value of a header field, by its name in lower case. */
  header(lowerName: string): string | undefined;
  readonly text: string;
  /** The body as JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Reason code of the refusal. */
  readonly code: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly message: TestMessage;
}

/** Settings of a policy, before its schema has parsed them. */
export type Settings = Readonly<Record<string, unknown>>;

/** The authorization server and a protected resource in one process: real policies, real issuer and verifier, memory store. */
export interface OAuthSystem {
  readonly clock: HandClock;
  readonly registry: TestRegistry;
  readonly store: TokenStore;
  readonly verifier: TokenVerification;
  /** What is deployed beside; nothing until a test says so. */
  readonly endpoints: PresentEndpoints;
  readonly signingKeys: SigningKeys;
  /** What its policies are compiled with, for a listener of one's own. */
  readonly services: Omit<PolicyServices, 'context' | 'chains' | 'metrics'>;
  /** What a test may turn. */
  readonly state: { staleForMs: number | undefined; isStorageLow: boolean; hasKeys: boolean };
  /** Sends to the token end point at `/token`. */
  token(request: TestRequest, settings?: Settings): Promise<Answer>;
  /** Asks for a token with credentials and parameters in the form body, `POST`. */
  postForm(parameters: Readonly<Record<string, string>>, settings?: Settings): Promise<Answer>;
  /** Gets a token for a client, or throws. */
  getToken(client: Registered, parameters?: Readonly<Record<string, string>>, settings?: Settings): Promise<string>;
  /** Calls a resource that Verify protects. A call that is let through answers 200. */
  call(request: TestRequest, settings?: Settings): Promise<Answer>;
  /** Calls with the token in the Authorization header. */
  callWith(token: string, settings?: Settings): Promise<Answer>;
  /** Compiles a policy as the gateway does. */
  compile(type: AnyPolicyType, settings: Settings, phase?: Phase): CompiledPolicy;
}

/** What a system may be made with. */
export interface OAuthOptions {
  readonly limits?: {
    readonly issuePerSecond?: number;
    readonly liveTokens?: number;
    readonly failedAuthPerMinute?: number;
  };
  readonly missesPerSecond?: number;
  readonly whenStale?: 'refuse' | 'serve';
  readonly contextPath?: string;
  readonly displayName?: string;
  readonly wrapStore?: (store: TokenStore) => TokenStore;
  /** Resource owners; without, there is no directory. */
  readonly owners?: Partial<ResourceOwners>;
  /** Policy chains of the token end point project, by name. */
  readonly chains?: Readonly<Record<string, PolicyHandler>>;
  /** Answers what is fetched through the way out, by URL; without, nothing may be called. */
  readonly answerEgress?: (url: string, request: EgressRequest) => { readonly status: number; readonly body: string };
  /** Counters; without, those of this process. */
  readonly counters?: CounterStore;
  /** How clients show certificates; without, they cannot, as far as metadata say. */
  readonly mtls?: { readonly isOffered: boolean; readonly origin: string };
}

/** The form type of token requests. */
export const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const;

/** `Authorization: Basic` of a client (RFC 6749 §2.3.1). */
export function basic(id: string, secret: string): readonly [string, string] {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
  return ['Authorization', `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`];
}

const noDirectory = () => Promise.reject(new Error('there is no directory'));
const NO_OWNERS: ResourceOwners = {
  findDirectory: () => undefined,
  checkPassword: noDirectory,
  beginExternal: noDirectory,
  finishExternal: noDirectory,
};
const refuseEgress = () => Promise.reject(new EgressError('destination_not_allowed', 'Nothing may be called here.'));

function fetchFrom(answer: OAuthOptions['answerEgress']): Egress['fetch'] {
  if (answer === undefined) return refuseEgress;
  return async (url, request) => {
    const { status, body } = answer(url, request);
    return { status, body: Buffer.from(body), headers: {}, finalUrl: url };
  };
}

/** Makes the system. */
export function createOAuthSystem(options: OAuthOptions = {}): OAuthSystem {
  const clock = new HandClock();
  const registry = createTestRegistry();
  const memory = createMemoryTokenStore({ retentionMs: 7_200_000, random: systemRandom });
  const store = options.wrapStore?.(memory) ?? memory;
  const counters = createMemoryCounters(clock);
  const state = { staleForMs: undefined as number | undefined, isStorageLow: false, hasKeys: true };
  const keys = { current: systemRandom.bytes(32), previous: undefined };
  const tagKeys = () => (state.hasKeys ? keys : undefined);
  const signingKeys = createTestSigningKeys();
  const endpoints = createPresentEndpoints();
  const egress: Egress = { fetch: fetchFrom(options.answerEgress), resolve: refuseEgress };
  const shared = { store: asOne(store), registry, clock, metrics: noMetrics, tagKeys, signingKeys, egress };
  const limits = { issuePerSecond: 1000, liveTokens: 100_000, failedAuthPerMinute: 1000, ...options.limits };
  const tokenIssuer = createTokenIssuer({
    ...shared,
    random: systemRandom,
    limits,
    counters: options.counters ?? counters,
    endpoints,
    mtls: options.mtls,
    owners: { ...NO_OWNERS, ...options.owners },
    openSealed: (sealed) => Buffer.from(sealed, 'base64'),
    storageLow: () => (state.isStorageLow ? { freeBytes: 1, minFreeBytes: 2 } : undefined),
  });
  const verifier = createTokenVerifier({
    ...shared,
    freshness: { staleForMs: () => state.staleForMs },
    serverGroupName: (id) => id,
    limits: { cacheEntries: 1000, unknownEntries: 1000, missesPerSecond: options.missesPerSecond ?? 50 },
  });

  function contextOf(type: AnyPolicyType, phase: Phase): PolicyContext {
    const isTokenEndpoint = type === oauthTokenEndpoint;
    const contextPath = isTokenEndpoint ? (options.contextPath ?? '/token') : '/orders';
    const displayName = options.displayName ?? (isTokenEndpoint ? 'AccessToken' : 'Orders API');
    const project = { id: isTokenEndpoint ? 'prj_T' : 'prj_A', name: isTokenEndpoint ? 'access-token' : 'orders-api' };
    return {
      project: { ...project, displayName, contextPath, version: 1 },
      serverGroup: {
        id: 'grp_A',
        name: 'local',
        publicUrl: 'https://api.example.com',
        authorizationUrl: 'https://login.example.com',
        whenStale: options.whenStale,
      },
      policy: { name: type.name, displayName: type.title },
      phase,
    };
  }

  const compiledWith = {
    ...{ clock, registry, tokenIssuer, tokenVerifier: verifier, authorizationEndpoint: tokenIssuer, egress },
    counters: options.counters ?? counters,
  };
  function compile(type: AnyPolicyType, settings: Settings, phase: Phase = 'proxyRequest'): CompiledPolicy {
    const services: PolicyServices = {
      ...compiledWith,
      context: contextOf(type, phase),
      metrics: noMetrics,
      chains: {
        compile(name) {
          const handler = options.chains?.[name];
          if (handler === undefined) throw new ConfigurationError(`There is no policy chain ${name}.`);
          return async (message) => handler(message);
        },
      },
    };
    return type.compile(type.schema.parse(settings), services);
  }

  const handlers = new Map<string, CompiledPolicy>();
  function compiled(type: AnyPolicyType, settings: Settings): CompiledPolicy {
    const key = `${type.name} ${JSON.stringify(settings)}`;
    const known = handlers.get(key) ?? compile(type, settings);
    handlers.set(key, known);
    return known;
  }

  async function run(type: AnyPolicyType, settings: Settings, request: TestRequest): Promise<Answer> {
    const message = createMessage(request);
    const { proxyRequest, proxyResponse } = compiled(type, settings);
    try {
      message.response = (await proxyRequest?.(message)) ?? undefined;
      message.response ??= { status: 200, headers: message.request.headers, body: undefined };
      await proxyResponse?.(message);
      return answerOf(message.response, message, undefined);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { project, serverGroup, policy } = contextOf(type, 'proxyRequest');
      const rendered = renderRefusal(error, {
        requestId: message.requestId,
        verbose: false,
        tokenEndpoint: type === oauthTokenEndpoint,
        context: {
          method: message.request.method,
          path: message.request.path,
          serverGroup: serverGroup.name,
          project: project.name,
          projectTitle: project.displayName,
          policy: policy.name,
        },
      });
      return answerOf(rendered, message, error);
    }
  }

  const system: OAuthSystem = {
    clock,
    registry,
    store,
    verifier,
    endpoints,
    signingKeys,
    services: compiledWith,
    state,
    compile,
    token: (request, settings = {}) =>
      run(oauthTokenEndpoint, settings, {
        method: 'POST',
        path: options.contextPath ?? '/token',
        targetPath: '/',
        ...request,
      }),
    postForm: (parameters, settings = {}) =>
      system.token({ headers: [FORM], body: new URLSearchParams(parameters).toString() }, settings),
    async getToken({ consumerKey, secret }, parameters = {}, settings = {}) {
      const form = { grant_type: 'client_credentials', client_id: consumerKey, client_secret: secret, ...parameters };
      const answer = await system.postForm(form, settings);
      if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text} ${answer.code}`);
      return String(answer.json.access_token);
    },
    call: (request, settings = {}) =>
      run(oauthVerifyAccessToken, settings, { path: '/orders/1', targetPath: '/1', ...request }),
    callWith: (token, settings = {}) => system.call({ headers: [['Authorization', `Bearer ${token}`]] }, settings),
  };
  return system;
}

function answerOf(response: HttpResponse, message: TestMessage, refusal: Refusal | undefined): Answer {
  const text = typeof response.body === 'string' ? response.body : Buffer.from(response.body ?? []).toString('utf8');
  return {
    status: response.status,
    header: (lowerName) => response.headers.get(lowerName),
    text,
    get json() {
      return JSON.parse(text) as Record<string, unknown>;
    },
    code: refusal?.code,
    facts: { ...message.facts, ...refusal?.facts },
    message,
  };
}
