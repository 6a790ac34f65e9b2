import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { FEED_KINDS, type FeedLine } from '#core/change-feed';
import { startTestManager } from '#test/support/running-manager';

test('what is deployed over the API reaches a gateway on the socket, whole and valid; closing ends the streams at once', async (t) => {
  const running = await startTestManager(t);
  const post = async (where: string, body: object, status = 201) => {
    const answer = await running.call(`POST ${where}`, { body });
    assert.equal(answer.status, status, answer.text);
    return answer.body;
  };
  await post('/projects', { kind: 'oauth-token-endpoint', displayName: 'AccessToken', contextPath: '/token' });
  await post('/projects', {
    ...{ kind: 'http', displayName: 'Orders API', contextPath: '/orders' },
    ...{ targetUrl: 'echo:', secureWith: 'oauth' },
  });
  const request = http.get({
    socketPath: path.join(running.dataDir, 'manager.sock'),
    path: '/internal/v1/feed?serverGroup=local&gatewayId=gtw_1&since=0',
  });
  request.on('error', () => {});
  const lines: FeedLine[] = [];
  const ended = new Promise<void>((resolve) =>
    request.on('response', (answer) => {
      answer.on('error', () => {}).on('close', resolve);
      createInterface({ input: answer })
        .on('error', () => {})
        .on('line', (text) => lines.push(JSON.parse(text)));
    }),
  );
  const preview = await post('/deployments', { project: 'orders-api', serverGroup: 'local', dryRun: true }, 200);
  assert.deepEqual(
    preview.checks.filter(({ ok }: { ok: boolean }) => !ok),
    [],
  );
  await post('/deployments', { project: 'access-token', serverGroup: 'local' });
  const { id, seq } = await post('/deployments', { project: 'orders-api', serverGroup: 'local' });
  while (!lines.some((line) => line.type === 'caught-up' && line.seq >= seq))
    await new Promise((resolve) => setTimeout(resolve, 10));
  const entries = lines.flatMap((line) => (line.type === 'changes' ? line.entries : []));
  for (const { kind, payload } of entries) FEED_KINDS[kind].parse(payload);
  const kinds = new Set(entries.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), [
    'deployment',
    'directory',
    'server-group',
    'signing-keys',
    'token-keys',
    'token-store',
    'try-key',
  ]);

  const events = await running.call(`GET /deployments/${id}/events`);
  assert.match(events.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.match(events.text, /^event: progress\ndata: \{/, 'without gateways it has settled');
  const again = await running.call('POST /deployments', { body: { project: 'orders-api', serverGroup: 'local' } });
  assert.deepEqual([again.status, again.body.code], [409, 'nothing_to_deploy']);
  const status = await running.call('GET /status');
  assert.equal(status.body.projects.length, 2);
  const missing = await running.call('GET /requests/req_0000000000000000/why');
  assert.deepEqual([missing.status, missing.body.code], [404, 'not_found']);
  const overTheNetwork = await running.call('GET /internal/v1/feed?serverGroup=local&gatewayId=g');
  assert.equal(overTheNetwork.status, 404, 'the gateways’ side is on the socket only');

  const startedAt = performance.now();
  await running.manager.close();
  await ended;
  assert.ok(performance.now() - startedAt < 2000);
  assert.deepEqual(
    running.log.filter(({ level }) => level === 'error'),
    [],
  );
});
