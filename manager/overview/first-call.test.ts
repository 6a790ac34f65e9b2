import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExchangeRecord, GatewayReport } from '#core/model/exchange-record';
import { openTestManager } from '#test/support/manager-context';

test('the last first step is ticked by a success of a known client on an API, not by a token, a refusal or a stranger', async (t) => {
  const manager = await openTestManager(t);
  const { exchanges } = manager.context.services;
  await manager.run('projects.create', {
    body: { displayName: 'AccessToken', kind: 'oauth-token-endpoint', contextPath: '/token' },
  });
  const target = { kind: 'http', targetUrl: 'http://127.0.0.1:9' };
  await manager.run('projects.create', { body: { displayName: 'Orders API', contextPath: '/orders', ...target } });
  await manager.run('products.create', { body: { displayName: 'Shop', projects: ['orders-api'] } });
  await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  await manager.run('subscriptions.create', { body: { name: 'mobile', client: 'mobile-shop', product: 'shop' } });
  await manager.run('keys.create', { params: { subscription: 'mobile' } });
  let batch = 0;
  const take = async (rest: Partial<ExchangeRecord>) => {
    batch += 1;
    const record: ExchangeRecord = {
      ...{ id: `req_${batch}`, at: manager.clock.now(), gatewayId: 'gtw_1', gateway: 'local-1', serverGroup: 'local' },
      ...{ method: 'GET', host: 'api.test', path: '/orders', queryNames: [], remoteAddress: '127.0.0.1' },
      ...{ status: 200, tookMs: 3, requestBytes: 0, responseBytes: 2, policies: [], ...rest },
    };
    const report: GatewayReport = {
      ...{ gatewayId: 'gtw_1', name: 'local-1', serverGroup: 'local', address: 'http://127.0.0.1:8000', workers: 1 },
      ...{ softwareVersion: '0.1.0', startedAt: 0, epoch: 'e', seq: 1, state: 'ready', batchId: `b${batch}` },
      ...{ refused: [], records: [record], counts: [], dropped: [], secretsUsed: [] },
    };
    await exchanges.takeReport(JSON.stringify(report), manager.clock.now());
    const { firstSteps } = await manager.run('overview.dashboard');
    return firstSteps.find(({ id }: { id: string }) => id === 'call').done;
  };
  assert.equal(await take({ project: 'access-token', clientId: 'cli_1' }), false);
  assert.equal(await take({ project: 'orders-api', clientId: 'cli_1', status: 403 }), false);
  assert.equal(await take({ project: 'orders-api' }), false);
  assert.equal(await take({ project: 'orders-api', clientId: 'cli_1' }), true);
});
