import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import type { ExchangeRecord, GatewayReport } from '#core/model/exchange-record';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { registerInternal } from './routes.ts';

function report(manager: TestManager, rest: Partial<GatewayReport> = {}): GatewayReport {
  return {
    ...{ gatewayId: 'gtw_1', name: 'local-1', serverGroup: 'local', address: 'http://127.0.0.1:8000', workers: 2 },
    ...{ softwareVersion: '0.1.0', startedAt: manager.clock.now(), epoch: '', seq: 0, state: 'ready', batchId: 'b1' },
    ...{ refused: [], records: [], counts: [], dropped: [], secretsUsed: [] },
    ...rest,
  };
}

function record(manager: TestManager, id: string, rest: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    ...{ id, at: manager.clock.now(), gatewayId: 'gtw_1', gateway: 'local-1', serverGroup: 'local', method: 'GET' },
    ...{ host: 'api.test', path: '/orders/1', queryNames: [], remoteAddress: '127.0.0.1', status: 401, tookMs: 1 },
    ...{ requestBytes: 0, responseBytes: 0, code: 'token_missing', facts: { lookedIn: 'header' }, policies: [] },
    ...rest,
  };
}

async function send(manager: TestManager, payload: unknown): Promise<[status: number, body: unknown]> {
  const app = fastify();
  app.setErrorHandler((error, _, reply) =>
    error instanceof ProblemError ? reply.code(error.status).send({ code: error.code }) : reply.code(500).send({}),
  );
  registerInternal(app, manager.context);
  const answer = await app.inject({
    method: 'POST',
    url: '/internal/v1/reports',
    headers: { 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
  await app.close();
  return [answer.statusCode, answer.json()];
}

test('a report shows at once: its records, why they were refused, and its gateway', async (t) => {
  const manager = await openTestManager(t);
  const at = Math.floor(manager.clock.now() / 5000) * 5000;
  const count = {
    ...{ at, project: '', version: 0, status: 401, code: 'token_missing', clientId: '' },
    count: 5,
    took: [],
    added: [],
  };
  const sent = report(manager, {
    records: [record(manager, 'req_A'), record(manager, 'req_B', { path: '/other' })],
    counts: [count],
  });
  assert.deepEqual(await send(manager, sent), [200, { ok: true }]);
  assert.deepEqual(await send(manager, sent), [200, { ok: true }], 'sent again it is taken, not counted');
  const why = await manager.run('requests.why', { params: { request: 'req_A' } });
  assert.equal(why.sentence, 'No token: none was sent in the header.');
  assert.equal(why.similar.count, 5, 'itself among them');
  const list = await manager.run('requests.list', { query: { status: '401', limit: '1' } });
  assert.deepEqual([list.items[0].id, list.total, typeof list.next], ['req_B', 5, 'string']);
  const next = await manager.run('requests.list', { query: { status: '401', limit: '1', cursor: list.next } });
  assert.equal(next.items[0].id, 'req_A');
  const { items } = await manager.run('gateways.list');
  assert.deepEqual([items[0].name, items[0].state, items[0].workers], ['local-1', 'ready', 2]);
});

test('an unknown request is a 404 that says how long they are kept', async (t) => {
  const manager = await openTestManager(t);
  await send(manager, report(manager, { dropped: [{ code: 'token_unknown', project: 'orders-api', count: 9 }] }));
  await assert.rejects(
    manager.run('requests.why', { params: { request: 'req_X' } }),
    (error) =>
      error instanceof ProblemError && error.status === 404 && /Kept for 7 days.*9 × token_unknown/.test(error.message),
  );
});

test('a report that is none is refused and changes nothing', async (t) => {
  const manager = await openTestManager(t);
  assert.deepEqual(await send(manager, '{"gatewayId":'), [422, { code: 'validation_failed' }]);
  assert.deepEqual(await send(manager, { ...report(manager), surprise: 1 }), [422, { code: 'validation_failed' }]);
  assert.equal((await manager.run('gateways.list')).total, 0);
});

test('when a secret was used last is written down in batches, the newest wins', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('products.create', { body: { displayName: 'Shop' } });
  await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  await manager.run('subscriptions.create', { body: { client: 'mobile-shop', product: 'shop' } });
  const params = { subscription: 'mobile-shop-shop' };
  const { secret } = await manager.run('keys.create', { params });
  const at = manager.clock.now();
  const use = (ms: number, address: string) => ({ secretId: secret.id, at: at + ms, address, uses: 1 });
  await send(manager, report(manager, { secretsUsed: [use(5, '10.0.0.2'), use(2, '10.0.0.1')] }));
  await manager.context.services.secretUses.save();
  await send(manager, report(manager, { batchId: 'b2', secretsUsed: [use(1, '10.0.0.3')] }));
  await manager.context.services.secretUses.save();
  const { secrets } = await manager.run('keys.list', { params });
  const [shown] = secrets;
  assert.deepEqual([shown.lastUsedAt, shown.lastUsedAddress, shown.lastUsedGateway], [at + 5, '10.0.0.2', 'local-1']);
});
