import type { WorkName } from './contestant.ts';

/** A ratio that Gatewright is held to. */
export interface Target {
  readonly by: 'cpu' | 'throughput';
  /** What is expected of the present engine. */
  readonly expected: number;
  /** What the project aims at. */
  readonly goal: number;
}

/** A work, who does it, and what it is set against. */
export interface Work {
  readonly name: WorkName;
  readonly about: string;
  /** The contestants in the order in which they take turns, and the request that each is loaded with. */
  readonly entries: readonly { readonly contestant: string; readonly request: WorkName }[];
  readonly baseline: string;
  readonly target: Target;
}

const authorizationServers = ['oidc-provider', 'keycloak', 'gatewright'];

/** Works of an authorization server, all against oidc-provider in memory. */
function ofServers(name: WorkName, about: string): Work {
  const entries = authorizationServers.map((contestant) => ({ contestant, request: name }));
  return { name, about, entries, baseline: 'oidc-provider', target: { by: 'throughput', expected: 0.8, goal: 1.2 } };
}

/** Every work that is loaded, in the order of the tables. */
export const works: readonly Work[] = [
  {
    name: 'plain',
    about: 'proxied GET, 1 KiB of JSON',
    entries: [
      { contestant: 'nginx', request: 'plain' },
      { contestant: 'node-http', request: 'plain' },
      { contestant: 'fastify-http-proxy', request: 'plain' },
      { contestant: 'gatewright', request: 'plain' },
    ],
    baseline: 'nginx',
    target: { by: 'cpu', expected: 0.45, goal: 0.8 },
  },
  {
    name: 'verified',
    about: 'the same with the access token verified, beside nginx without',
    entries: [
      { contestant: 'nginx', request: 'plain' },
      { contestant: 'gatewright', request: 'verified' },
    ],
    baseline: 'nginx',
    target: { by: 'cpu', expected: 0.35, goal: 0.65 },
  },
  {
    name: 'tokens',
    about: 'client_credentials, opaque tokens (Keycloak: JWT)',
    entries: [
      { contestant: 'node-form', request: 'tokens' },
      { contestant: 'oidc-provider', request: 'tokens' },
      { contestant: 'keycloak', request: 'tokens' },
      { contestant: 'gatewright', request: 'tokens' },
    ],
    baseline: 'oidc-provider',
    target: { by: 'throughput', expected: 0.8, goal: 1.2 },
  },
  ofServers('introspection', 'introspection of access tokens, each in turn'),
  ofServers('code', 'authorization code with PKCE for an access and a refresh token'),
  ofServers('refresh', 'refresh token for an access token and the next refresh token'),
];

/** From start to the first token, on a data directory that exists. */
export const startLimitMs = 1000;

/** Memory of a worker after load. */
export const workerLimitMiB = 150;
