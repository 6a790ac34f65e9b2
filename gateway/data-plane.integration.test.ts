import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '#core/errors';
import { attach, deploymentOf, openPlane, sendRaw, testGroup } from '#test/support/data-plane';
import { createTrace, policyType } from '#test/support/policy-types';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function openUpstream(listener: Listener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Answers what it was sent. */
const mirror: Listener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify({ method: request.method, url: request.url, headers: request.headers, length: body.length }),
    );
  });
};

/** A plane in front of a target. */
async function openProxy(
  listener: Listener,
  given: Parameters<typeof deploymentOf>[0] = {},
  options: Parameters<typeof openPlane>[1] = {},
) {
  const upstream = await openUpstream(listener);
  const under = await openPlane([], options);
  assert.deepEqual(under.deploy(deploymentOf({ urls: [upstream.url], ...given })).refused, []);
  return {
    upstream,
    under,
    port: under.port,
    url: `http://127.0.0.1:${under.port}`,
    async [Symbol.asyncDispose]() {
      await under[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a call is passed on', () => {
  test('with every method, with and without body', async () => {
    await using proxy = await openProxy(mirror);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(`${proxy.url}/orders/1?a=b&c`, { method });
      const seen = (await answer.json()) as { method: string; url: string; length: number };
      assert.deepEqual([seen.method, seen.url, seen.length], [method, '/1?a=b&c', 0]);
    }
    for (const size of [1, 16_384, 16_385, 100_000]) {
      const answer = await fetch(`${proxy.url}/orders`, { method: 'POST', body: 'x'.repeat(size) });
      const seen = (await answer.json()) as { url: string; length: number; headers: Record<string, string> };
      assert.deepEqual([seen.url, seen.length, seen.headers['content-length']], ['/', size, String(size)]);
    }
    const head = await fetch(`${proxy.url}/orders/1`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(head.headers.get('content-type'), 'application/json');
  });

  test('chunked, both ways', async () => {
    await using proxy = await openProxy((request, response) => request.pipe(response));
    const body = new ReadableStream({
      async start(controller) {
        for (let i = 0; i < 20; i += 1) {
          controller.enqueue(new TextEncoder().encode('0123456789'.repeat(1000)));
          await tick(1);
        }
        controller.close();
      },
    });
    const answer = await fetch(`${proxy.url}/orders`, { method: 'POST', body, duplex: 'half' });
    assert.equal((await answer.text()).length, 200_000);
  });

  test('with answers of every kind', async () => {
    await using proxy = await openProxy((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, status === 200 ? { 'Content-Length': 0 } : {});
      response.end();
    });
    for (const status of [200, 201, 204, 304, 404, 500]) {
      const answer = await fetch(`${proxy.url}/orders/${status}`);
      assert.equal(answer.status, status);
      assert.equal(await answer.text(), '');
    }
  });

  test('with large answers, whole and unchanged', async () => {
    const body = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => i % 251));
    await using proxy = await openProxy((request, response) => {
      if (request.url === '/length') response.setHeader('Content-Length', body.length);
      response.end(body);
    });
    for (const way of ['length', 'chunked']) {
      const answer = await fetch(`${proxy.url}/orders/${way}`);
      assert.ok(body.equals(Buffer.from(await answer.arrayBuffer())));
    }
  });

  test('on connections to the target that are used again', async () => {
    await using proxy = await openProxy(mirror);
    for (let i = 0; i < 10; i += 1) await (await fetch(`${proxy.url}/orders/${i}`)).text();
    assert.equal(proxy.upstream.connections, 1);
  });

  test("under the target's host name, with our request id", async () => {
    await using proxy = await openProxy(mirror, { target: {} });
    const answer = await fetch(`${proxy.url}/orders`, { headers: { 'X-Request-Id': 'mine', 'Content-Type': 'x/y' } });
    const { headers } = (await answer.json()) as { headers: Record<string, string> };
    assert.equal(headers.host, new URL(proxy.upstream.url).host);
    assert.equal(headers['x-request-id'], answer.headers.get('x-request-id'));
    assert.equal(headers['content-type'], 'x/y');
    assert.equal((await proxy.under.record(answer.headers.get('x-request-id'))).callerRequestId, 'mine');
  });

  test("behind the target URL's own path, with or without the context path", async () => {
    await using upstream = await openUpstream(mirror);
    await using under = await openPlane();
    under.deploy(
      deploymentOf({ urls: [`${upstream.url}/base/`] }),
      deploymentOf({ name: 'kept', contextPath: '/kept', urls: [upstream.url], project: { keepContextPath: true } }),
    );
    const seen = async (path: string) =>
      ((await (await fetch(`http://127.0.0.1:${under.port}${path}`)).json()) as { url: string }).url;
    assert.equal(await seen('/orders/1'), '/base/1');
    assert.equal(await seen('/kept/1/'), '/kept/1/');
  });
});

describe('what streams, streams', () => {
  test('the head of an event stream and each event come at once', async () => {
    const sent: ServerResponse[] = [];
    await using proxy = await openProxy((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      sent.push(response);
    });
    const answer = await fetch(`${proxy.url}/orders`); // resolves with the head: no event was sent yet
    const reader = answer.body?.getReader();
    for (const event of ['one', 'two']) {
      sent[0]?.write(`data: ${event}\n\n`);
      const { value } = (await reader?.read()) ?? {};
      assert.equal(Buffer.from(value ?? []).toString(), `data: ${event}\n\n`);
    }
    sent[0]?.end();
    assert.equal((await reader?.read())?.done, true);
  });

  test('a target that breaks off in the middle breaks the connection: half an answer is never whole', async () => {
    await using proxy = await openProxy((_, response) => {
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await fetch(`${proxy.url}/orders`);
    await assert.rejects(answer.text());
    const record = await proxy.under.record(answer.headers.get('x-request-id'));
    assert.equal(record.code, 'target_bad_answer');
    assert.equal(record.target?.outcome, 'failed');
  });

  test('a client that goes away ends the call to the target', async () => {
    const closed = Promise.withResolvers<void>();
    await using proxy = await openProxy((_, response) => {
      response.write('x');
      response.on('close', () => closed.resolve());
    });
    const controller = new AbortController();
    const answer = await fetch(`${proxy.url}/orders`, { signal: controller.signal });
    controller.abort();
    await closed.promise;
    const record = await proxy.under.record(answer.headers.get('x-request-id'));
    assert.equal(record.code, 'client_gone');
    assert.equal(record.status, 499);
    assert.equal(proxy.under.plane.sizes().exchanges, 0);
    assert.equal(proxy.under.plane.sizes().upstreamCalls, 0);
  });

  test('a slow reader slows the target down instead of filling memory', async () => {
    let written = 0;
    await using proxy = await openProxy((_, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        let flows = true;
        while (flows && written < 400) {
          flows = response.write(chunk);
          written += 1;
        }
        if (written < 400) response.once('drain', more);
        else response.end();
      };
      more();
    });
    const call = request(`${proxy.url}/orders`).end();
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    await tick(200);
    assert.ok(written < 400, `${written} chunks were taken from the target`);
    let length = 0;
    for await (const chunk of answer) length += (chunk as Buffer).length;
    assert.equal(length, 400 * 65_536);
  });

  test('a target that answers before the body is complete is passed on, and its connection not used again', async () => {
    await using proxy = await openProxy((_, response) => {
      response.writeHead(409, { 'Content-Length': 2 });
      response.end('no');
    });
    for (let i = 0; i < 3; i += 1) {
      const answer = await fetch(`${proxy.url}/orders`, { method: 'POST', body: 'x'.repeat(900_000) });
      assert.equal(answer.status, 409);
      assert.equal(await answer.text(), 'no');
    }
  });
});

describe('a target that fails', () => {
  const failing = async (urls: string[], target = {}, method = 'GET') => {
    await using under = await openPlane();
    under.deploy(deploymentOf({ urls, target }));
    const answer = await fetch(`http://127.0.0.1:${under.port}/orders`, {
      method,
      ...(method === 'POST' && { body: 'x' }),
    });
    const body = (await answer.json()) as { code: string };
    return { status: answer.status, body, record: await under.record(answer.headers.get('x-request-id')) };
  };
  const deadPort = async () => {
    const upstream = await openUpstream(mirror);
    await upstream[Symbol.asyncDispose]();
    return upstream.url;
  };

  test('and takes no connection is 502 target_refused, after its tries', async () => {
    const { status, body, record } = await failing([await deadPort()], { retries: 2 });
    assert.equal(status, 502);
    assert.equal(body.code, 'bad_gateway');
    assert.equal(record.code, 'target_refused');
    assert.equal(record.facts?.tries, 3);
    assert.equal(record.target?.outcome, 'failed');
  });

  test('is not tried again when the request has a body', async () => {
    assert.equal((await failing([await deadPort()], { retries: 2 }, 'POST')).record.facts?.tries, 1);
  });

  test('gives way to another server', async () => {
    await using upstream = await openUpstream(mirror);
    await using under = await openPlane();
    under.deploy(deploymentOf({ urls: [await deadPort(), upstream.url] }));
    for (let i = 0; i < 6; i += 1) assert.equal((await fetch(`http://127.0.0.1:${under.port}/orders`)).status, 200);
  });

  test('and has no name is target_name', async () => {
    assert.equal((await failing(['http://no-such-host.invalid'])).record.code, 'target_name');
  });

  test('and does not speak TLS is target_tls', async () => {
    await using upstream = await openUpstream(mirror);
    assert.equal((await failing([upstream.url.replace('http:', 'https:')])).record.code, 'target_tls');
  });

  test('and does not answer in time is 504 target_timeout', async () => {
    await using upstream = await openUpstream(() => {});
    const { status, record } = await failing([upstream.url], { timeoutMs: 300 });
    assert.equal(status, 504);
    assert.equal(record.code, 'target_timeout');
    assert.equal(record.facts?.limitMs, 300);
  });

  test('and closes without an answer is target_bad_answer; a safe call is tried once more', async () => {
    let calls = 0;
    await using upstream = await openUpstream((request) => {
      calls += 1;
      request.socket.destroy();
    });
    const { status, record } = await failing([upstream.url]);
    assert.equal(status, 502);
    assert.equal(record.code, 'target_bad_answer');
    assert.equal(calls, 2);
    await failing([upstream.url], {}, 'DELETE');
    assert.equal(calls, 3);
  });
});

describe('paths', () => {
  test('the path that the target sees is the one that was routed', async () => {
    const telling = policyType('telling', () => ({
      proxyRequest: ({ request }) => request.headers.set('X-Routed', request.path),
    }));
    await using upstream = await openUpstream((request, response) => {
      response.setHeader('X-Seen', request.url?.split('?')[0] ?? '');
      response.setHeader('X-Routed', request.headers['x-routed'] ?? '');
      response.end();
    });
    await using under = await openPlane([telling]);
    under.deploy(
      deploymentOf({
        contextPath: '/',
        urls: [upstream.url],
        project: { allowPathForms: ['encoded-slash', 'double-slash', 'semicolon'] },
        policies: [{ name: 't', type: 'telling' }],
        endpoints: attach({ proxyRequest: ['t'] }),
      }),
    );
    let passed = 0;
    const piece = fc.constantFrom(
      ...[
        'a',
        '%41',
        '%2f',
        '%2F',
        '%20',
        '/',
        '//',
        ';x',
        '.',
        '..',
        '%2e',
        '%c3%a9',
        '~',
        '%',
        '\\',
        '%5c',
        '%00',
        '?',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const text = await sendRaw(
          under.port,
          `GET /${pieces.join('')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        );
        const seen = /X-Seen: (.*)\r/.exec(text)?.[1];
        if (seen === undefined) {
          assert.match(text, /^HTTP\/1.1 400 /);
          return;
        }
        passed += 1;
        assert.equal(seen, /X-Routed: (.*)\r/.exec(text)?.[1]);
      }),
      { numRuns: 300 },
    );
    assert.ok(passed > 30);
  });

  const guard = policyType('guard', () => ({
    proxyRequest: () => {
      throw new Refusal('token_missing');
    },
  }));

  test('an allowed spelling does not lead past the policy of the resource that it stands for', async () => {
    await using under = await openPlane([guard]);
    under.deploy(
      deploymentOf({
        policies: [{ name: 'guard', type: 'guard' }],
        project: { allowPathForms: ['encoded-slash', 'double-slash', 'semicolon'] },
        resources: [
          { name: 'admin', path: '/admin/*', endpoints: attach({ proxyRequest: ['guard'] }) },
          { name: 'files', path: '/files/{name}' },
          { name: 'read-only', path: '/read-only', methods: ['GET'] },
        ],
      }),
      deploymentOf({ name: 'other', contextPath: '/orders/inner' }),
    );
    const codeOf = async (path: string, method = 'GET') =>
      /^HTTP\/1.1 (\d+)/.exec(
        await sendRaw(under.port, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      )?.[1];
    assert.equal(await codeOf('/orders/files/a%2Fb'), '200');
    assert.equal(await codeOf('/orders/files/a;v=1'), '200');
    assert.equal(await codeOf('/orders/files//a'), '200');
    assert.equal(await codeOf('/orders/admin/1'), '401');
    assert.equal(await codeOf('/orders/admin//1'), '401');
    assert.equal(await codeOf('/orders/admin/'), '401');
    assert.equal(await codeOf('/orders/admin'), '401');
    for (const path of [
      '/orders/admin%2F1',
      '/orders//admin/1',
      '//orders/admin/1',
      '/orders;x/admin/1',
      '/orders/admin;x/1',
      '/orders/;x/admin/1',
      '/orders/%2Fadmin/1',
      '/orders%2Fadmin/1',
      '/orders/inner%2F1',
      '/orders//inner/1',
    ])
      assert.ok(['400', '401', '404'].includes((await codeOf(path)) ?? ''), path);
    assert.equal(await codeOf('/orders//read-only', 'DELETE'), '400');
  });

  test('spellings are refused unless the project allows them, and named', async () => {
    await using under = await openPlane();
    under.deploy(deploymentOf({ project: { allowPathForms: ['semicolon'] } }));
    const ids: [string, string][] = [];
    for (const [path, form] of [
      ['/orders/a%2fb', 'encoded-slash'],
      ['/orders//a', 'double-slash'],
      ['/orders/../a', 'dot-segment'],
      ['/orders/a%00', 'nul'],
      ['/orders/%', 'bad-encoding'],
      ['/orders/%5c', 'backslash'],
    ] as const) {
      const text = await sendRaw(under.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.match(text, /^HTTP\/1.1 400 /);
      ids.push([/X-Request-Id: (\S+)/.exec(text)?.[1] ?? '', form]);
    }
    for (const [id, form] of ids) {
      const { code, facts } = await under.record(id);
      assert.deepEqual([code, facts?.form], ['path_ambiguous', form]);
    }
  });

  test('/.well-known/ is kept: token end point metadata go to their project, the rest to nobody', async () => {
    const paths: string[] = [];
    const issuer = policyType('issuer', () => ({
      proxyRequest: (message) => {
        paths.push(message.request.path);
        throw new Refusal('oauth_request', { problem: 'missing', parameter: 'grant_type' });
      },
    }));
    await using under = await openPlane([issuer]);
    under.deploy(
      deploymentOf({ name: 'all', contextPath: '/' }),
      deploymentOf({
        name: 'access-token',
        contextPath: '/token',
        urls: [],
        project: { kind: 'oauth-token-endpoint' },
        policies: [{ name: 'issuer', type: 'issuer' }],
        endpoints: attach({ proxyRequest: ['issuer'] }),
      }),
    );
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${under.port}${path}`)).status;
    assert.equal(await status('/.well-known/oauth-authorization-server/token'), 400);
    assert.deepEqual(paths, ['/.well-known/oauth-authorization-server/token']);
    assert.equal(await status('/.well-known/oauth-authorization-server'), 404);
    assert.equal(await status('/.well-known/oauth-authorization-server/token/x'), 404);
    assert.equal(await status('/.well-known/openid-configuration'), 404);
    assert.equal(await status('/else'), 200);
  });

  test('nothing there is 404 with the nearest path for the operator; another method is 405 with Allow', async () => {
    await using under = await openPlane();
    under.deploy(deploymentOf({ resources: [{ path: '/{id}', methods: ['GET', 'PUT'] }] }));
    const missing = await fetch(`http://127.0.0.1:${under.port}/order/1`);
    assert.equal(missing.status, 404);
    assert.equal((await under.record(missing.headers.get('x-request-id'))).facts?.nearest, '/orders');
    const wrong = await fetch(`http://127.0.0.1:${under.port}/orders/1`, { method: 'DELETE' });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.get('allow'), 'GET, HEAD, PUT');
    assert.equal((await fetch(`http://127.0.0.1:${under.port}/orders/1`, { method: 'HEAD' })).status, 200);
  });
});

describe('deployments are swapped', () => {
  test('nothing is there before the first: 503 not_ready', async () => {
    await using under = await openPlane();
    const answer = await fetch(`http://127.0.0.1:${under.port}/orders`);
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal(((await answer.json()) as { code: string }).code, 'not_ready');
  });

  test('one that cannot be compiled leaves the whole old set; without an old set the others run', async () => {
    await using under = await openPlane();
    const broken = deploymentOf({ name: 'broken', contextPath: '/broken', policies: [{ name: 'x', type: 'none' }] });
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${under.port}${path}`)).status;
    const first = under.deploy(deploymentOf(), broken);
    assert.deepEqual(
      first.refused.map(({ id }) => id),
      ['grp_1/prj_broken'],
    );
    assert.equal(await status('/orders'), 200);
    assert.equal(under.plane.seq, 1);
    const second = under.deploy(deploymentOf(), deploymentOf({ name: 'new', contextPath: '/new' }), broken);
    assert.equal(second.refused.length, 1);
    assert.equal(await status('/new'), 404);
    assert.equal(under.plane.seq, 1);
    const clash = under.deploy(deploymentOf(), deploymentOf({ name: 'new' }));
    assert.match(clash.refused[0]?.problem ?? '', /\/orders is taken/);
    assert.equal(clash.refused[0]?.id, 'grp_1/prj_new');
    under.deploy(deploymentOf({ name: 'new', contextPath: '/new' }));
    assert.equal(await status('/orders'), 404);
    assert.equal(await status('/new'), 200);
  });

  test('what did not change is not compiled again and keeps its connections', async () => {
    let compiled = 0;
    const counting = policyType('counting', () => {
      compiled += 1;
      return { proxyRequest: () => undefined };
    });
    await using upstream = await openUpstream(mirror);
    await using under = await openPlane([counting]);
    const same = (id: string) =>
      deploymentOf({
        id,
        urls: [upstream.url],
        policies: [{ name: 'c', type: 'counting' }],
        endpoints: attach({ proxyRequest: ['c'] }),
        resources: [{ path: '/a', endpoints: attach({ proxyRequest: ['c'] }) }],
      });
    const call = async () => (await fetch(`http://127.0.0.1:${under.port}/orders/a`)).text();
    under.deploy(same('dep_1'));
    await call();
    under.deploy(same('dep_1'));
    assert.equal(compiled, 1);
    await call();
    under.deploy(same('dep_2'));
    assert.equal(compiled, 2);
    await call();
    assert.equal(upstream.connections, 1);
    assert.equal(under.plane.sizes().upstreams, 1);
    under.deploy();
    assert.equal(under.plane.sizes().upstreams, 0);
  });

  test('exchanges under way finish on the old set, whose connections are closed after them', async () => {
    const waiting: ServerResponse[] = [];
    await using proxy = await openProxy((_, response) => {
      waiting.push(response);
    });
    const call = fetch(`${proxy.url}/orders`);
    while (waiting.length === 0) await tick(5);
    proxy.under.deploy();
    assert.equal(proxy.under.plane.sizes().upstreams, 1);
    waiting[0]?.end('late');
    assert.equal(await (await call).text(), 'late');
    while (proxy.under.plane.sizes().upstreams > 0) await tick(5);
  });

  test('a drain finishes what is under way and takes no more', async () => {
    const waiting: ServerResponse[] = [];
    await using proxy = await openProxy((_, response) => {
      waiting.push(response);
    });
    const call = fetch(`${proxy.url}/orders`);
    while (waiting.length === 0) await tick(5);
    const drained = proxy.under.plane.drain();
    await assert.rejects(fetch(`${proxy.url}/orders`));
    waiting[0]?.end('late');
    const answer = await call;
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal(await answer.text(), 'late');
    await drained;
  });
});

describe('refusals are rendered', () => {
  const refusing = (...refusal: ConstructorParameters<typeof Refusal>) =>
    policyType('refusing', () => ({
      proxyRequest: () => {
        throw new Refusal(...refusal);
      },
    }));
  const render = async (
    type: ReturnType<typeof refusing>,
    kind: 'http' | 'oauth-token-endpoint',
    detail: 'standard' | 'verbose',
  ) => {
    await using under = await openPlane([type], {}, testGroup(detail));
    under.deploy(
      deploymentOf({
        project: { kind, displayName: 'Orders API' },
        policies: [{ name: 'r', type: 'refusing' }],
        endpoints: attach({ proxyRequest: ['r'] }),
      }),
    );
    const answer = await fetch(`http://127.0.0.1:${under.port}/orders`, { method: 'POST', body: 'a=b' });
    return { answer, body: (await answer.json()) as Record<string, unknown> };
  };

  test('as RFC 6750 says, with a problem document', async () => {
    const expired = refusing(
      'token_expired',
      { client: 'Mobile', expiredForMs: 1000 },
      { challenge: { realm: 'Orders "API"' } },
    );
    const { answer, body } = await render(expired, 'http', 'standard');
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.equal(
      answer.headers.get('www-authenticate'),
      `Bearer realm="Orders 'API'", error="invalid_token", error_description="The access token expired"`,
    );
    assert.deepEqual(body, {
      type: '/errors/token_expired',
      title: 'The access token expired.',
      status: 401,
      code: 'token_expired',
      requestId: answer.headers.get('x-request-id'),
    });
    const bare = await render(refusing('token_missing'), 'http', 'standard');
    assert.equal(bare.answer.headers.get('www-authenticate'), 'Bearer realm="Orders API"');
    const scope = await render(
      refusing('scope_missing', {}, { challenge: { scope: 'orders:read' } }),
      'http',
      'standard',
    );
    assert.match(scope.answer.headers.get('www-authenticate') ?? '', /error="insufficient_scope".*scope="orders:read"/);
  });

  test('with the coarse code, or the fine one and the sentence when the group is verbose', async () => {
    const revoked = refusing('token_revoked', { client: 'Mobile', by: 'ann', at: 0 });
    const standard = await render(revoked, 'http', 'standard');
    assert.equal(standard.body.code, 'invalid_token');
    assert.equal(standard.body.detail, undefined);
    const verbose = await render(revoked, 'http', 'verbose');
    assert.equal(verbose.body.code, 'token_revoked');
    assert.match(String(verbose.body.detail), /revoked by ann/);
  });

  test('as RFC 6749 says at a token end point', async () => {
    const wrong = refusing('oauth_invalid_client', { cause: 'wrong_secret', client: 'Mobile', consumerKey: 'gwk_1' });
    const { answer, body } = await render(wrong, 'oauth-token-endpoint', 'standard');
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Orders API"');
    assert.deepEqual(body, {
      error: 'invalid_client',
      error_description: 'Client authentication failed.',
      error_uri: '/errors/invalid_client',
    });
    const limited = await render(refusing('issue_limited', { retryAfterMs: 1500 }), 'oauth-token-endpoint', 'standard');
    assert.equal(limited.answer.status, 429);
    assert.equal(limited.answer.headers.get('retry-after'), '2');
  });
});

describe('records', () => {
  test('hold no query value, and counts are exact whatever was sampled', async () => {
    await using under = await openPlane();
    under.deploy(deploymentOf());
    const first = await fetch(`http://127.0.0.1:${under.port}/orders/${'t'.repeat(45)}?access_token=hush&page=2`);
    const record = await under.record(first.headers.get('x-request-id'));
    assert.equal(record.path, '/orders/…');
    assert.deepEqual(record.queryNames, ['access_token', 'page']);
    assert.doesNotMatch(JSON.stringify(record), /hush/);
    for (let i = 0; i < 30; i += 1)
      await Promise.all(
        Array.from({ length: 15 }, () =>
          fetch(`http://127.0.0.1:${under.port}/nowhere`).then((answer) => answer.text()),
        ),
      );
    await tick(400);
    const counts = under.batches.flatMap((batch) => batch.counts);
    const sum = (code: string) => counts.filter((count) => count.code === code).reduce((n, { count }) => n + count, 0);
    assert.equal(sum(''), 1);
    assert.equal(sum('route_unknown'), 450);
    const kept = under.batches.flatMap(({ records }) => records).filter(({ code }) => code === 'route_unknown').length;
    const dropped = under.batches.flatMap((batch) => batch.dropped).reduce((n, { count }) => n + count, 0);
    assert.equal(kept + dropped, 450);
  });

  test('a policy reads and replaces a body; the target gets the new one', async () => {
    const rewriting = policyType('rewriting', () => ({
      proxyRequest: async (message) => {
        const body = await message.readBody(100);
        message.replaceBody(Buffer.from(body.toString().toUpperCase().repeat(2)));
        message.identify({
          clientId: 'cli_1',
          clientName: 'mobile',
          clientDisplayName: 'Mobile',
          subscriptionId: 'sub_1',
          productId: 'prd_1',
          secretId: undefined,
          tokenPrefix: 'abcdef01',
        });
      },
    }));
    await using upstream = await openUpstream((request, response) => request.pipe(response));
    await using under = await openPlane([rewriting, ...createTrace().types]);
    under.deploy(
      deploymentOf({
        urls: [upstream.url],
        policies: [{ name: 'w', type: 'rewriting' }],
        endpoints: attach({ proxyRequest: ['w'] }),
      }),
    );
    const post = (body: string) => fetch(`http://127.0.0.1:${under.port}/orders`, { method: 'POST', body });
    const answer = await post('abc');
    assert.equal(await answer.text(), 'ABCABC');
    assert.equal((await under.record(answer.headers.get('x-request-id'))).clientName, 'mobile');
    const large = await post('x'.repeat(101));
    assert.equal(large.status, 413);
    await tick(10);
    assert.equal(under.plane.sizes().heldBodyBytes, 0);
  });
});
