import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { at, createApi } from './api.ts';
import { CliError } from './cli-error.ts';
import type { ServerPlace } from './server-place.ts';

type Answer = (
  request: http.IncomingMessage,
  body: string,
) => { status: number; body?: unknown; headers?: Record<string, string> };

/** A server on a Unix socket that answers as told: what goes over the wire is what is tested. */
async function serve(answer: Answer) {
  const dir = mkdtempSync(join(tmpdir(), 'gatewright-cli-'));
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const { status, body, headers } = answer(request, text);
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  const socketPath = join(dir, 'manager.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const place: ServerPlace = { kind: 'socket', dataDir: dir, socketPath };
  return {
    api: createApi(place),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true });
    },
  };
}

test('what is put into a path is encoded', () => {
  assert.equal(at`/projects/${'a/b?c'}/policies/${'ü'}`, '/projects/a%2Fb%3Fc/policies/%C3%BC');
});

test('a patch carries JSON and the quoted revision', async () => {
  const seen: unknown[] = [];
  await using server = await serve((request, body) => {
    seen.push(request.method, request.url, request.headers['if-match'], JSON.parse(body));
    return { status: 200, body: { revision: 4 } };
  });
  assert.deepEqual(await server.api.patch('/projects/a', { displayName: 'B' }, 3), { revision: 4 });
  assert.deepEqual(seen, ['PATCH', '/api/v1/projects/a', '"3"', { displayName: 'B' }]);
});

test('a list is read to its last page', async () => {
  await using server = await serve((request) => {
    const cursor = new URL(request.url ?? '', 'http://x').searchParams.get('cursor');
    return { status: 200, body: cursor === null ? { items: [1, 2], next: 'p2' } : { items: [3] } };
  });
  assert.deepEqual(await server.api.list('/projects'), [1, 2, 3]);
});

test('what is not there is undefined to find and exit 3 to get', async () => {
  await using server = await serve(() => ({
    status: 404,
    body: { code: 'not_found', title: 'There is no such thing.', detail: 'There is no project x.' },
  }));
  assert.equal(await server.api.find('/projects/x'), undefined);
  await assert.rejects(server.api.get('/projects/x'), {
    exit: 3,
    code: 'not_found',
    message: 'There is no project x.',
  });
});

const exits: readonly (readonly [number, number])[] = [
  [400, 1],
  [401, 6],
  [403, 6],
  [404, 3],
  [409, 4],
  [412, 4],
  [421, 6],
  [422, 4],
  [428, 4],
  [500, 1],
  [503, 1],
];
for (const [status, exit] of exits) {
  test(`status ${status} is exit ${exit}`, async () => {
    await using server = await serve(() => ({ status, body: { code: 'some_code', title: 'No.' } }));
    await assert.rejects(server.api.get('/x'), { exit, code: 'some_code', status });
  });
}

test('a refusal brings its fixes, its wrong values and its request id', async () => {
  const body = {
    code: 'deploy_path_taken',
    title: 'The path is taken.',
    detail: 'Path /a is served by B.',
    requestId: 'req_1',
    fixes: [{ text: 'Change it.', command: 'gatewright project set a contextPath=/b' }],
    errors: [{ pointer: '/contextPath', code: 'taken', message: 'Taken.' }],
  };
  await using server = await serve(() => ({ status: 409, body }));
  const error = await server.api.post('/deployments').catch((caught: unknown) => caught);
  assert.ok(error instanceof CliError);
  assert.deepEqual(error.fixes, body.fixes);
  assert.deepEqual(error.errors, body.errors);
  assert.equal(error.requestId, 'req_1');
});

test('told to come more slowly, it waits and asks again', async () => {
  let n = 0;
  await using server = await serve(() => {
    n += 1;
    return n === 1 ? { status: 429, headers: { 'retry-after': '0.05' } } : { status: 200, body: { ok: true } };
  });
  assert.deepEqual(await server.api.get('/x'), { ok: true });
  assert.equal(n, 2);
});

test('an answer that is no JSON is named as such', async () => {
  const server = http.createServer((_, response) => response.end('<html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const seen: (string | undefined)[] = [];
  server.on('request', (request) => seen.push(request.headers.authorization));
  const api = createApi({ kind: 'url', url: new URL(`http://127.0.0.1:${port}`), token: 'gwm_t' });
  await assert.rejects(api.get('/x'), { code: 'bad_answer' });
  assert.deepEqual(seen, ['Bearer gwm_t']);
  server.closeAllConnections();
  server.close();
  await new Promise((resolve) => server.once('close', resolve));
  await assert.rejects(api.get('/x'), { code: 'unreachable', exit: 7 });
});
