import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '../support/system.ts';
import { getToken, postForm } from '../support/token.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// Journey 1: an empty installation → a client calls a protected API with a token; through the management API, as the console will.

let system: System;
let upstream: Upstream;
let key: { consumerKey: string; consumerSecret: string };

before(async () => {
  upstream = await startUpstream();
  system = await startSystem();
});

after(async () => {
  await system[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

interface DeploymentBody {
  id: string;
  version: number;
  state: string;
  gateways: { state: string }[];
}

/** Deploys and waits until the gateway runs it. */
async function deploy(project: string): Promise<DeploymentBody> {
  const made = await system.must<DeploymentBody>('POST', '/deployments', { project, serverGroup: 'local' });
  for (;;) {
    const now = await system.must<DeploymentBody>('GET', `/deployments/${made.id}`);
    if (now.gateways.length > 0 && now.gateways.every((gateway) => gateway.state === 'running')) return now;
    assert.ok(!now.gateways.some((gateway) => gateway.state === 'refused'), JSON.stringify(now));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('everything listens on loopback, and before anything is deployed a call says so', async () => {
  assert.match(system.console, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(system.gateway, /^http:\/\/127\.0\.0\.1:\d+$/);
  const answer = await fetch(`${system.gateway}/orders/1`);
  assert.equal(answer.status, 404);
  assert.match(answer.headers.get('x-request-id') ?? '', /^req_[0-9A-Z]{16}$/);
});

test('a token end point project attaches its policy by itself', async () => {
  const made = await system.must<{ name: string; kind: string }>('POST', '/projects', {
    displayName: 'AccessToken',
    kind: 'oauth-token-endpoint',
    contextPath: '/token',
    accessTokenExpiryMs: 600_000,
  });
  assert.equal(made.name, 'access-token');
  const policies = await system.must<{
    items: { name: string; type: string; config: { accessTokenExpiryMs: number } }[];
  }>('GET', '/projects/access-token/policies');
  assert.equal(policies.items.length, 1);
  assert.equal(policies.items[0]?.type, 'oauth-token-endpoint');
  assert.equal(policies.items[0]?.config.accessTokenExpiryMs, 600_000);
  const resource = await system.must<{ displayName: string; endpoints: Record<string, { policy: string }[]> }>(
    'GET',
    '/projects/access-token/resources/default-resource',
  );
  assert.equal(resource.displayName, 'DefaultResource');
  assert.deepEqual(
    resource.endpoints.proxyRequest?.map((one) => one.policy),
    ['oauth-token-endpoint'],
  );
  for (const endpoint of ['targetRequest', 'targetResponse', 'proxyResponse'])
    assert.deepEqual(resource.endpoints[endpoint], []);
});

test('deployed, the token end point takes POST only', async () => {
  const deployed = await deploy('access-token');
  assert.equal(deployed.version, 1);
  assert.equal(deployed.state, 'live');
  const answer = await fetch(`${system.gateway}/token`);
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'POST');
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
});

test('a project made with Secure API with has the verify policy on DefaultResource', async () => {
  await system.must('POST', '/projects', {
    displayName: 'Orders API',
    kind: 'http',
    contextPath: '/orders',
    targetUrl: upstream.url,
    secureWith: 'oauth',
  });
  const resource = await system.must<{ endpoints: Record<string, { policy: string }[]> }>(
    'GET',
    '/projects/orders-api/resources/default-resource',
  );
  assert.deepEqual(
    resource.endpoints.proxyRequest?.map((one) => one.policy),
    ['oauth-verify-access-token'],
  );
});

test('an existing project gets the policy by hand, location Query', async () => {
  await system.must('POST', '/projects', {
    displayName: 'Plain API',
    kind: 'http',
    contextPath: '/plain',
    targetUrl: upstream.url,
  });
  const policy = await system.must<{ name: string }>('POST', '/projects/plain-api/policies', {
    type: 'oauth-verify-access-token',
    config: { tokenIn: ['query'] },
  });
  await system.must('PUT', '/projects/plain-api/resources/default-resource/endpoints/proxyRequest', {
    attachments: [{ policy: policy.name }],
  });
  await deploy('orders-api');
  await deploy('plain-api');
  const answer = await fetch(`${system.gateway}/orders/1`);
  assert.equal(answer.status, 401);
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm="[^"]+"$/);
  assert.match(answer.headers.get('x-request-id') ?? '', /^req_/);
});

test('product, client, subscription, consumer key and secret', async () => {
  await system.must('POST', '/products', { displayName: 'Shop', projects: ['orders-api', 'plain-api'] });
  await system.must('POST', '/clients', { displayName: 'Mobile shop' });
  const subscription = await system.must<{ name: string; state: string }>('POST', '/subscriptions', {
    client: 'mobile-shop',
    product: 'shop',
  });
  assert.equal(subscription.state, 'active');
  key = await system.must('POST', `/subscriptions/${subscription.name}/keys`, {});
  assert.match(key.consumerKey, /^gwk_[0-9A-Za-z]{16}$/);
  assert.match(key.consumerSecret, /^gws_[0-9A-Za-z]{49}$/);
  const later = await system.api('GET', `/subscriptions/${subscription.name}/keys`);
  assert.ok(!JSON.stringify(later.body).includes(key.consumerSecret));
  assert.ok(JSON.stringify(later.body).includes(key.consumerSecret.slice(-3)));
});

test('the client gets a token: grant_type in the query, in the body, and credentials by HTTP Basic', async () => {
  const credentials = { client_id: key.consumerKey, client_secret: key.consumerSecret };
  const inQuery = await postForm(`${system.gateway}/token?grant_type=client_credentials`, credentials);
  const inBody = await postForm(`${system.gateway}/token`, { grant_type: 'client_credentials', ...credentials });
  const basic = await postForm(
    `${system.gateway}/token`,
    { grant_type: 'client_credentials' },
    { authorization: `Basic ${btoa(`${key.consumerKey}:${key.consumerSecret}`)}` },
  );
  for (const answer of [inQuery, inBody, basic]) {
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.match(answer.body.access_token ?? '', /^[0-9A-Za-z]{54}$/);
    assert.equal(answer.body.token_type, 'Bearer');
    assert.equal(answer.body.expires_in, 600);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
});

test('the call passes, and the target does not see the token', async () => {
  const token = await getToken(`${system.gateway}/token`, key.consumerKey, key.consumerSecret);
  const orders = await fetch(`${system.gateway}/orders/1`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(orders.status, 200);
  const seen = (await orders.json()) as { url: string; headers: Record<string, string> };
  assert.equal(seen.url, '/1');
  assert.equal(seen.headers.authorization, undefined);
  const plain = await fetch(`${system.gateway}/plain/x?a=1&access_token=${token}&b=2`);
  assert.equal(plain.status, 200);
  assert.equal(((await plain.json()) as { url: string }).url, '/x?a=1&b=2');
});

test('a refused call is explained within three seconds', async () => {
  const refused = await fetch(`${system.gateway}/orders/1`, { headers: { authorization: 'Token abc' } });
  const id = refused.headers.get('x-request-id') ?? '';
  await refused.arrayBuffer();
  const started = performance.now();
  for (;;) {
    const why = await system.api<{ code: string; sentence: string }>('GET', `/requests/${id}/why`);
    if (why.status === 200) {
      assert.equal(why.body.code, 'token_scheme_wrong');
      assert.match(why.body.sentence, /said "Token …", expected "Bearer …"/);
      break;
    }
    assert.ok(performance.now() - started < 3000, 'explained within 3 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const printed = await system.cli(['why', id]);
  assert.equal(printed.code, 0, printed.stderr);
  assert.match(printed.stdout, /said "Token …", expected "Bearer …"/);
  const unknown = await system.cli(['why', 'req_0000000000000000']);
  assert.equal(unknown.code, 3);
});
