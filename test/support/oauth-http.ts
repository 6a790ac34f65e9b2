import { Agent, request as send } from 'node:http';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { systemRandom } from '#core/random';
import { createDataPlane } from '#gateway/data-plane';
import { policyTypes } from '#policies/registry';
import { attach, deploymentOf, planeDefaults, testGroup } from './data-plane.ts';
import type { TestRequest } from './message.ts';
import { type Answer, createOAuthSystem, type OAuthOptions, type OAuthSystem, type Settings } from './oauth.ts';

/** What an answer over HTTP tells: what the wire carries, and nothing of what the operator sees. */
export type WireAnswer = Pick<Answer, 'status' | 'header' | 'text' | 'json'>;

/** The system behind a real listener: router, pipeline and rendering are the gateway's, and every request goes over a socket. */
export interface OAuthOverHttp
  extends AsyncDisposable,
    Pick<OAuthSystem, 'clock' | 'registry' | 'store' | 'signingKeys' | 'state' | 'getToken'> {
  /** Where it listens; its public URL is https://api.example.com all the same. */
  readonly origin: string;
  token(request: TestRequest, settings?: Settings): Promise<WireAnswer>;
  postForm(parameters: Readonly<Record<string, string>>, settings?: Settings): Promise<WireAnswer>;
  call(request: TestRequest, settings?: Settings): Promise<WireAnswer>;
  callWith(token: string, settings?: Settings): Promise<WireAnswer>;
}

const HOST = 'api.example.com';

/** Opens it on a free port: token end point at `/token`, authorization end point at `/authorize`, an echo behind Verify at `/orders`. */
export async function openOAuthOverHttp(options: OAuthOptions = {}): Promise<OAuthOverHttp> {
  const inside = createOAuthSystem(options);
  const { clock, registry, store, signingKeys, state, endpoints, services } = inside;
  const plane = createDataPlane({
    policyTypes,
    services: { ...services, random: systemRandom, metrics: noMetrics },
    endpoints,
    logger: noLogger,
    gatewayId: 'gtw_1',
    name: 'test-1',
    options: planeDefaults,
    onRecords: () => undefined,
  });
  const { port } = await plane.listen();
  const agent = new Agent({ keepAlive: true });
  const serverGroup = {
    ...testGroup(),
    ...{ id: 'grp_A', publicUrl: `https://${HOST}`, authorizationUrl: 'https://login.example.com' },
  };
  let seq = 0;
  let deployed = '';
  function deploy(token: Settings, verify: Settings): void {
    const key = JSON.stringify([token, verify]);
    if (key === deployed) return;
    deployed = key;
    seq += 1;
    const deployments = [
      project(
        { id: 'prj_T', name: 'access-token', displayName: 'AccessToken', kind: 'oauth-token-endpoint' },
        '/token',
        token,
      ),
      project(
        { id: 'prj_S', name: 'sign-in', displayName: 'Sign-in', kind: 'oauth-authorization-endpoint' },
        '/authorize',
        { tokenProject: 'access-token' },
      ),
      project({ id: 'prj_A', name: 'orders-api', displayName: 'Orders API', kind: 'http' }, '/orders', verify),
    ].map((deployment) => ({ ...deployment, deploymentId: `${deployment.projectId}-${seq}`, serverGroupId: 'grp_A' }));
    const { refused } = plane.apply({ serverGroup, deployments, seq });
    if (refused.length > 0) throw new Error(JSON.stringify(refused));
  }

  function exchange({ method = 'GET', path = '/', query = '', headers = [], body }: TestRequest): Promise<WireAnswer> {
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    const target = query === '' ? path : `${path}?${query}`;
    return new Promise((resolve, reject) => {
      const call = send(
        { agent, host: '127.0.0.1', port, method, path: target, headers: ['Host', HOST, ...headers.flat(), ...length] },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.once('error', reject);
          answer.once('end', () => {
            const text = Buffer.concat(parts).toString('utf8');
            resolve({
              status: answer.statusCode ?? 0,
              header: (name) => [answer.headers[name]].flat()[0],
              text,
              get json() {
                return JSON.parse(text) as Record<string, unknown>;
              },
            });
          });
        },
      );
      call.once('error', reject);
      call.end(body);
    });
  }

  const system: OAuthOverHttp = {
    origin: `http://127.0.0.1:${port}`,
    ...{ clock, registry, store, signingKeys, state },
    async token(request, settings = {}) {
      deploy(settings, {});
      return exchange({ method: 'POST', path: '/token', ...request });
    },
    postForm: (parameters, settings = {}) =>
      system.token(
        {
          headers: [['Content-Type', 'application/x-www-form-urlencoded']],
          body: new URLSearchParams(parameters).toString(),
        },
        settings,
      ),
    async getToken({ consumerKey, secret }, parameters = {}, settings = {}) {
      const form = { grant_type: 'client_credentials', client_id: consumerKey, client_secret: secret, ...parameters };
      const answer = await system.postForm(form, settings);
      if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
      return String(answer.json.access_token);
    },
    async call(request, settings = {}) {
      deploy({}, settings);
      return exchange({ path: '/orders/1', ...request });
    },
    callWith: (token, settings = {}) => system.call({ headers: [['Authorization', `Bearer ${token}`]] }, settings),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await plane.close();
      await store[Symbol.asyncDispose]();
    },
  };
  return system;
}

const TYPE_OF = {
  'oauth-token-endpoint': 'oauth-token-endpoint',
  'oauth-authorization-endpoint': 'oauth-authorization-endpoint',
  http: 'oauth-verify-access-token',
} as const;

function project(
  { id, ...given }: { id: string; name: string; displayName: string; kind: keyof typeof TYPE_OF },
  contextPath: string,
  config: Settings,
) {
  const type = TYPE_OF[given.kind];
  const deployment = deploymentOf({
    ...{ name: given.name, contextPath, urls: given.kind === 'http' ? ['echo:'] : [], project: { id, ...given } },
    policies: [{ name: type, type, config }],
    endpoints: attach({ proxyRequest: [type] }),
  });
  return { ...deployment, projectId: id };
}
