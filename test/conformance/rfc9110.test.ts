import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { deploymentOf, openPlane, type PlaneUnderTest } from '../support/data-plane.ts';
import { sendRaw } from '../support/raw-http.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { must } from './must.ts';

// RFC 9110 and RFC 9112, as far as a gateway can break them: over a real socket, in front of a real target.

interface Proxy {
  readonly upstream: Upstream;
  readonly plane: PlaneUnderTest;
  /** Sends a request with these field lines; Host and `Connection: close` are added unless given. */
  send(
    lines: readonly string[],
    request?: { readonly first?: string; readonly body?: string; readonly bare?: boolean },
  ): ReturnType<typeof sendRaw>;
}

async function withProxy(check: (proxy: Proxy) => Promise<void>): Promise<void> {
  await using upstream = await startUpstream((_seen, response) => {
    response.writeHead(200, [
      'Connection',
      'keep-alive, X-Named',
      'X-Named',
      'a',
      'Keep-Alive',
      'timeout=9',
      'X-Kept',
      'b',
    ]);
    response.end('content');
  });
  await using plane = await openPlane();
  plane.deploy(deploymentOf({ urls: [upstream.url] }));
  await check({
    upstream,
    plane,
    send(lines, { first = 'GET /orders/1 HTTP/1.1', body = '', bare = false } = {}) {
      const added = bare
        ? []
        : ['Host: client.example', ...(lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close'])];
      const head = [first, ...added, ...lines, '', ''].join('\r\n');
      return sendRaw(`http://127.0.0.1:${plane.port}`, Buffer.from(head + body, 'latin1'), 2_000);
    },
  });
}

must('9110-7.2-host', () =>
  withProxy(async ({ upstream, send }) => {
    await send([]);
    assert.equal(upstream.seen[0]?.headers.host, `127.0.0.1:${upstream.port}`);
  }),
);

must('9110-7.6.1-request', () =>
  withProxy(async ({ upstream, send }) => {
    await send([
      'Connection: close, X-Secret',
      'connection: x-other',
      'X-Secret: 1',
      'X-OTHER: 2',
      'Keep-Alive: 5',
      'TE: trailers',
      'Proxy-Connection: close',
      'X-Kept: 3',
    ]);
    const seen = upstream.seen[0]?.headers ?? {};
    for (const name of ['x-secret', 'x-other', 'keep-alive', 'te', 'proxy-connection'])
      assert.equal(seen[name], undefined, name);
    assert.equal(seen['x-kept'], '3');
    assert.doesNotMatch(seen.connection ?? '', /secret/i);
  }),
);

must('9110-7.6.1-response', () =>
  withProxy(async ({ send }) => {
    const { head } = await send([]);
    assert.doesNotMatch(head, /x-named/i);
    assert.doesNotMatch(head, /timeout=9/);
    assert.match(head, /x-kept: b/i);
  }),
);

must('9110-7.6.3-via', () =>
  withProxy(async ({ upstream, send }) => {
    await send(['Via: 1.1 before']);
    assert.match(upstream.seen[0]?.headers.via ?? '', /^1\.1 before, 1\.1 gatewright$/);
  }),
);

must('9110-8.6-length', () =>
  withProxy(async ({ upstream, send }) => {
    for (const lines of [
      ['Content-Length: 1', 'Content-Length: 2'],
      ['Content-Length: 1, 2'],
      ['Content-Length: -1'],
      ['Content-Length: x'],
      ['Content-Length: 0x1'],
    ]) {
      assert.equal((await send(lines, { first: 'POST /orders/1 HTTP/1.1', body: 'a' })).status, 400, lines.join());
    }
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9110-9.3.2-head', () =>
  withProxy(async ({ send }) => {
    for (const first of ['HEAD /orders/1 HTTP/1.1', 'HEAD /nothing HTTP/1.1'])
      assert.equal((await send([], { first })).body, '', first);
  }),
);

must('9110-10.1.1-continue', () =>
  withProxy(async ({ upstream, send }) => {
    const answer = await send(['Expect: 100-continue', 'Content-Length: 4'], {
      first: 'POST /orders/1 HTTP/1.1',
      body: 'four',
    });
    assert.ok(answer.status === 100 || answer.status === 200);
    assert.match(answer.head + answer.body, /200 OK/);
    assert.equal(upstream.seen[0]?.body, 'four');
    assert.ok([400, 417].includes((await send(['Expect: something'])).status));
  }),
);

must('9110-11.6.1-challenge', async () => {
  const { REASONS } = await import('#core/reasons/catalogue');
  const { renderRefusal } = await import('#gateway/refusal');
  const { Refusal } = await import('#core/errors');
  for (const [code, reason] of Object.entries(REASONS)) {
    if (reason.status !== 401) continue;
    const { headers } = renderRefusal(new Refusal(code as keyof typeof REASONS, {}, { challenge: { realm: 'r' } }), {
      requestId: 'req_0000000000000000',
      verbose: false,
      tokenEndpoint: 'oauthError' in reason,
      context: { method: 'GET', path: '/', serverGroup: '', project: '', projectTitle: '', policy: '' },
    });
    assert.ok(headers.has('www-authenticate'), code);
  }
});

must('9110-15.5.6-allow', async () => {
  await using plane = await openPlane();
  plane.deploy(deploymentOf({ urls: ['echo:'], resources: [{ name: 'one', path: '/one', methods: ['PUT'] }] }));
  const answer = await fetch(`http://127.0.0.1:${plane.port}/orders/one`);
  assert.equal(answer.status, 405);
  assert.equal(answer.headers.get('allow'), 'PUT');
});

must('9112-2.2-cr', () =>
  withProxy(async ({ upstream, send }) => {
    assert.equal((await send(['X-A: b\rX-Smuggled: c'])).status, 400);
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9112-3.2-host', () =>
  withProxy(async ({ upstream, send }) => {
    for (const lines of [[], ['Host: a', 'Host: b'], ['Host: a b'], ['Host: a,b'], ['Host: a/b'], ['Host: user@a']]) {
      assert.equal((await send([...lines, 'Connection: close'], { bare: true })).status, 400, lines.join());
    }
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9112-5.1-colon', () =>
  withProxy(async ({ upstream, send }) => {
    for (const line of ['X-A : b', 'X-A\t: b', ' X-A: b']) assert.equal((await send([line])).status, 400, line);
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9112-5.2-fold', () =>
  withProxy(async ({ upstream, send }) => {
    assert.equal((await send(['X-A: b', '\tc'])).status, 400);
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9112-6.1-both', () =>
  withProxy(async ({ upstream, send }) => {
    const answer = await send(['Content-Length: 5', 'Transfer-Encoding: chunked'], {
      first: 'POST /orders/1 HTTP/1.1',
      body: '0\r\n\r\n',
    });
    assert.equal(answer.status, 400);
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9112-6.3-chunked-last', () =>
  withProxy(async ({ upstream, send }) => {
    for (const coding of ['chunked, gzip', 'gzip', 'identity', 'xchunked']) {
      assert.equal(
        (await send([`Transfer-Encoding: ${coding}`], { first: 'POST /orders/1 HTTP/1.1', body: '0\r\n\r\n' })).status,
        400,
        coding,
      );
    }
    assert.equal(upstream.seen.length, 0);
  }),
);

must('9112-7.1-chunked', async () => {
  await withProxy(async ({ upstream, send }) => {
    await send(['Transfer-Encoding: chunked'], {
      first: 'POST /orders/1 HTTP/1.1',
      body: '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    });
    assert.equal(upstream.seen[0]?.body, 'abcde');
  });
  // A target that breaks its own chunking gets no half answer passed on as if it were whole.
  const broken = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'));
  }).listen(0, '127.0.0.1');
  try {
    await using plane = await openPlane();
    const address = broken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    plane.deploy(deploymentOf({ urls: [`http://127.0.0.1:${port}`] }));
    const raw = await sendRaw(
      `http://127.0.0.1:${plane.port}`,
      'GET /orders/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      2_000,
    );
    assert.ok(raw.status === 502 || !raw.body.endsWith('0\r\n\r\n'), raw.body);
  } finally {
    broken.close();
  }
});
