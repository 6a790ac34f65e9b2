import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { EgressError, type EgressRequest } from '#core/egress';
import { noLogger } from '#core/logger';
import { parseAllowList } from './destination.ts';
import { createEgress, type Lookup } from './egress.ts';

const plain: EgressRequest = { limitBytes: 100_000, timeoutMs: 2_000, purpose: 'test' };
const way = (allow: readonly string[], lookup?: Lookup) =>
  createEgress({
    allow: parseAllowList(allow),
    ownPorts: () => new Set(),
    logger: noLogger,
    ...(lookup !== undefined && { lookup }),
  });
const reasonOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'no error';
  } catch (error) {
    assert.ok(error instanceof EgressError, String(error));
    return error.reason;
  }
};

/** A server on loopback that counts its calls; stands for whatever should not be reached, or, allowed, for the outside. */
async function serve(t: TestContext, listener: RequestListener): Promise<{ port: number; calls: () => number }> {
  let calls = 0;
  const server = http.createServer((request, response) => {
    calls += 1;
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, calls: () => calls };
}

test('no spelling of loopback or metadata is called', async (t) => {
  const { port, calls } = await serve(t, (_, response) => response.end('secret'));
  const egress = way([]);
  for (const host of [
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '127.0.0.1.', '%31%32%37.0.0.1'],
    ...[
      'localhost',
      'localhost.',
      'LOCALHOST',
      '0',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[0:0:0:0:0:ffff:7f00:1]',
    ],
    ...['①②⑦.⓪.⓪.①', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '169.254.169.254', '[fd00:ec2::254]'],
  ])
    assert.equal(await reasonOf(egress.fetch(`http://${host}:${port}/`, plain)), 'destination_not_allowed', host);
  assert.equal(calls(), 0);
});

test('a name that stands for loopback beside a good address is not called', async (t) => {
  const { port, calls } = await serve(t, (_, response) => response.end('secret'));
  const egress = way([], async () => [
    { address: '192.0.2.1', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ]);
  assert.equal(await reasonOf(egress.fetch(`http://mixed.example:${port}/`, plain)), 'destination_not_allowed');
  assert.equal(calls(), 0);
});

test('the connection goes to the address that was checked, though the name stands for another one by then', async (t) => {
  const good = await serve(t, (request, response) => response.end(`good ${request.headers.host}`));
  let asked = 0;
  // First the allowed address, then, if anybody asked again, one where nothing of that kind listens.
  const rebinding: Lookup = async () => {
    asked += 1;
    return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
  };
  const egress = way(['127.0.0.1'], rebinding);
  const answer = await egress.fetch(`http://rebind.example:${good.port}/`, plain);
  assert.equal(answer.body.toString(), `good rebind.example:${good.port}`);
  assert.equal(asked, 1);
});

test('a redirect on the same host is resolved and checked again: a name that changes in between is refused', async (t) => {
  const { port, calls } = await serve(t, (_, response) => response.writeHead(302, { location: '/again' }).end());
  let asked = 0;
  const egress = way(['127.0.0.1'], async () => {
    asked += 1;
    return [{ address: asked === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
  });
  const reason = await reasonOf(egress.fetch(`http://rebind.example:${port}/`, plain));
  assert.equal(reason, 'destination_not_allowed');
  assert.equal(calls(), 1);
});

test('redirects to another host, port or scheme are not followed, to metadata least of all', async (t) => {
  const other = await serve(t, (_, response) => response.end('secret'));
  const targets = [
    'http://169.254.169.254/latest/meta-data/',
    `http://127.0.0.1:${other.port}/`,
    `http://localhost:${other.port}/`,
    'file:///etc/passwd',
    '//169.254.169.254/',
    'http://user:pass@127.0.0.1/',
    'gopher://127.0.0.1/',
  ];
  const { port } = await serve(t, (request, response) => {
    response.writeHead(302, { location: targets[Number(request.url?.slice(1))] ?? '/' }).end();
  });
  for (const i of targets.keys()) {
    const reason = await reasonOf(way(['127.0.0.1', 'localhost']).fetch(`http://127.0.0.1:${port}/${i}`, plain));
    assert.ok(['redirect_not_allowed', 'url_invalid'].includes(reason), `${targets[i]}: ${reason}`);
  }
  assert.equal(other.calls(), 0);
});

test('three redirects on the same host are followed, four are not; a POST is not redirected', async (t) => {
  const { port } = await serve(t, (request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(307, { location: `/${left - 1}` }).end();
  });
  const egress = way(['127.0.0.1']);
  const answer = await egress.fetch(`http://127.0.0.1:${port}/3`, plain);
  assert.equal(answer.body.toString(), 'there');
  assert.equal(answer.finalUrl, `http://127.0.0.1:${port}/0`);
  assert.equal(await reasonOf(egress.fetch(`http://127.0.0.1:${port}/4`, plain)), 'redirect_not_allowed');
  const post = egress.fetch(`http://127.0.0.1:${port}/1`, { ...plain, method: 'POST', body: 'x' });
  assert.equal(await reasonOf(post), 'redirect_not_allowed');
});

test('only http and https without credentials', async () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://example.com/',
    'http://a:b@example.com/',
    'http://a@example.com/',
    'data:,x',
    'example.com',
    '',
  ])
    assert.equal(await reasonOf(way([]).fetch(url, plain)), 'url_invalid', url);
});

test('an answer larger than the limit is broken off: announced, streamed or as a bomb of gzip', async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const { port } = await serve(t, (request, response) => {
    if (request.url === '/announced') response.writeHead(200, { 'content-length': 1_000_000_000 }).flushHeaders();
    if (request.url === '/streamed') {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    }
    if (request.url === '/bomb') response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    if (request.url === '/small') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('small'));
    if (request.url === '/twice') response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb);
  });
  const egress = way(['127.0.0.1']);
  for (const path of ['announced', 'streamed', 'bomb'])
    assert.equal(await reasonOf(egress.fetch(`http://127.0.0.1:${port}/${path}`, plain)), 'answer_too_large', path);
  assert.equal(await reasonOf(egress.fetch(`http://127.0.0.1:${port}/twice`, plain)), 'answer_unreadable');
  assert.equal((await egress.fetch(`http://127.0.0.1:${port}/small`, plain)).body.toString(), 'small');
});

test('the time limit holds for names, heads and bodies', async (t) => {
  const { port } = await serve(t, (request, response) => {
    if (request.url === '/body') response.writeHead(200).write('a');
  });
  const short = { ...plain, timeoutMs: 80 };
  const egress = way(['127.0.0.1']);
  assert.equal(await reasonOf(egress.fetch(`http://127.0.0.1:${port}/head`, short)), 'timed_out');
  assert.equal(await reasonOf(egress.fetch(`http://127.0.0.1:${port}/body`, short)), 'timed_out');
  assert.equal(await reasonOf(way([], () => new Promise(() => {})).fetch('http://slow.example/', short)), 'timed_out');
});

test('what fails says how: no such name, nobody there, no TLS', async (t) => {
  const { port } = await serve(t, (_, response) => response.end());
  const egress = way(['127.0.0.1']);
  const missing = way([], async () => Promise.reject(new Error('ENOTFOUND')));
  assert.equal(await reasonOf(missing.fetch('http://missing.example/', plain)), 'name_not_found');
  assert.equal(await reasonOf(egress.fetch('http://127.0.0.1:1/', plain)), 'connection_refused');
  assert.equal(await reasonOf(egress.fetch(`https://127.0.0.1:${port}/`, plain)), 'tls_failed');
});

test('a body, headers and a status that is no success come through', async (t) => {
  const { port } = await serve(t, async (request, response) => {
    const body = (await request.toArray()).join('');
    response.writeHead(418, { 'x-got': `${request.method} ${request.headers['x-sent']} ${body}` }).end('teapot');
  });
  const answer = await way(['127.0.0.1']).fetch(`http://127.0.0.1:${port}/`, {
    ...plain,
    method: 'POST',
    body: 'hello',
    headers: { 'x-sent': 'yes', host: 'other.example' },
  });
  assert.equal(answer.status, 418);
  assert.equal(answer.headers['x-got'], 'POST yes hello');
  assert.equal(answer.body.toString(), 'teapot');
});
