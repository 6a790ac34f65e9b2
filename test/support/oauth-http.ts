import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, type RequestOptions, request as sendPlain } from 'node:http';
import { request as sendEncrypted, Agent as TlsAgent } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noLogger } from '#core/logger';
import { noMetrics } from '#core/metrics';
import { systemRandom } from '#core/random';
import { createDataPlane } from '#gateway/data-plane';
import { policyTypes } from '#policies/registry';
import { certificateA } from './certificate.ts';
import type { MadeCertificate } from './client-certificate.ts';
import { attach, deploymentOf, planeDefaults, testGroup } from './data-plane.ts';
import type { TestRequest } from './message.ts';
import { type Answer, createOAuthSystem, type OAuthOptions, type OAuthSystem, type Settings } from './oauth.ts';

/** What an answer over HTTP tells: what the wire carries, and nothing of what the operator sees. */
export type WireAnswer = Pick<Answer, 'status' | 'header' | 'text' | 'json'>;

/** A request as it goes over the wire; `identity` is the certificate that the client shows in the handshake. */
export type WireRequest = Omit<TestRequest, 'certificate' | 'address' | 'targetPath'> & {
  readonly identity?: MadeCertificate | undefined;
};

/** The system behind a real listener: router, pipeline and rendering are the gateway's, and every request goes over a socket. */
export interface OAuthOverHttp
  extends AsyncDisposable,
    Pick<OAuthSystem, 'clock' | 'registry' | 'store' | 'signingKeys' | 'state' | 'getToken'> {
  /** Where it listens; its public URL is https://api.example.com all the same. */
  readonly origin: string;
  token(request: WireRequest, settings?: Settings): Promise<WireAnswer>;
  postForm(parameters: Readonly<Record<string, string>>, settings?: Settings): Promise<WireAnswer>;
  call(request: WireRequest, settings?: Settings): Promise<WireAnswer>;
  callWith(token: string, settings?: Settings): Promise<WireAnswer>;
}

const PUBLIC_URL = 'https://api.example.com';

/** How the listener is made. */
export interface WireOptions extends OAuthOptions {
  /** With it: HTTPS that asks for certificates of clients, and believes this authority (PEM). */
  readonly clientAuthority?: string;
}

/** Opens it on a free port: token end point at `/token`, authorization end point at `/authorize`, an echo behind Verify at `/orders`. */
export async function openOAuthOverHttp(options: WireOptions = {}): Promise<OAuthOverHttp> {
  const inside = createOAuthSystem(options);
  const { clock, registry, store, signingKeys, state, endpoints, services } = inside;
  const files = writeCertificates(options.clientAuthority);
  const plane = createDataPlane({
    policyTypes,
    services: { ...services, random: systemRandom, metrics: noMetrics },
    endpoints,
    logger: noLogger,
    gatewayId: 'gtw_1',
    name: 'test-1',
    options: { ...planeDefaults, ...files.options },
    onRecords: () => undefined,
  });
  const { port } = await plane.listen();
  const isEncrypted = options.clientAuthority !== undefined;
  const agent = isEncrypted ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const host = isEncrypted ? certificateA.name : new URL(PUBLIC_URL).host;
  const serverGroup = {
    ...testGroup(),
    ...{ id: 'grp_A', publicUrl: PUBLIC_URL, authorizationUrl: 'https://login.example.com' },
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

  function exchange({
    method = 'GET',
    path: name = '/',
    query = '',
    headers = [],
    body,
    identity,
  }: WireRequest): Promise<WireAnswer> {
    const length = body === undefined ? [] : ['Content-Length', String(Buffer.byteLength(body))];
    const target = query === '' ? name : `${name}?${query}`;
    return new Promise((resolve, reject) => {
      const wire = {
        ...{ agent, host: '127.0.0.1', port, method, path: target },
        headers: ['Host', host, ...headers.flat(), ...length],
      };
      const keys = identity === undefined ? {} : { cert: identity.cert, key: identity.key };
      const tls = { servername: host, ca: certificateA.cert, ...keys };
      const send = (given: RequestOptions, receive: (answer: IncomingMessage) => void) =>
        isEncrypted ? sendEncrypted({ ...given, ...tls }, receive) : sendPlain(given, receive);
      const call = send(wire, (answer) => {
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
      });
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
      files.remove();
    },
  };
  return system;
}

/** The listener's own certificate and the authority that it believes, as files. */
function writeCertificates(authority: string | undefined) {
  if (authority === undefined) return { options: {}, remove: () => undefined };
  const dir = mkdtempSync(path.join(tmpdir(), 'gw-oauth-'));
  const write = (name: string, text: string) => {
    writeFileSync(path.join(dir, name), text);
    return path.join(dir, name);
  };
  const [certFile, keyFile] = [write('own.crt', certificateA.cert), write('own.key', certificateA.key)];
  const options = { certFile, keyFile, clientCertificates: true, clientCaFile: write('ca.crt', authority) };
  return { options, remove: () => rmSync(dir, { recursive: true }) };
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
