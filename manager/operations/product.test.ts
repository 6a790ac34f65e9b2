import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FEED_KINDS } from '#core/change-feed';
import { openTestManager } from '#test/support/manager-context';

test('a product has a plan, which gateways get; null takes it back', async (t) => {
  const manager = await openTestManager(t);
  const plans = async () => {
    const { read } = manager.context.db;
    const rows = await read.selectFrom('feed').select('payload').where('kind', '=', 'product').orderBy('seq').execute();
    return rows.map(({ payload }) => FEED_KINDS.product.parse(JSON.parse(payload ?? 'null')).plan).at(-1);
  };
  const plan = { allow: 1000, interval: 1, timeUnit: 'day' } as const;
  const made = await manager.run('products.create', {
    body: { displayName: 'Shop', plan: { allow: 1000, timeUnit: 'day' } },
  });
  assert.deepEqual([made.plan, await plans()], [plan, plan]);
  const params = { product: 'shop' };
  const renamed = await manager.run('products.update', { params, body: { displayName: 'Shop 2' } });
  assert.deepEqual(renamed.plan, plan);
  const raised = await manager.run('products.update', { params, body: { plan: { ...plan, allow: 5 } } });
  assert.deepEqual(
    [raised.plan, await plans()],
    [
      { ...plan, allow: 5 },
      { ...plan, allow: 5 },
    ],
  );
  const without = await manager.run('products.update', { params, body: { plan: null } });
  assert.deepEqual([without.plan, await plans()], [undefined, undefined]);
  for (const wrong of [
    { allow: -1, timeUnit: 'day' },
    { allow: 1, timeUnit: 'year' },
    { allow: 1 },
    { allow: 1, timeUnit: 'day', interval: 0 },
  ])
    await assert.rejects(manager.run('products.update', { params, body: { plan: wrong } }), JSON.stringify(wrong));
});
