import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnavailableError } from '#core/errors';
import type { TokenStore } from '#core/token-store';
import { createMetrics } from '#telemetry/metrics';
import type { Config } from './config-schema.ts';
import type { DataDir } from './data-dir.ts';
import { createTokenStoreGauges, describeTokenStore } from './token-store.ts';

test('what the token store holds is shown by kind, and stays as it was while the store cannot be read', async () => {
  const source = createMetrics();
  const sizes = { access: 3, codes: 1 };
  let isAway = false;
  const read = async () => (isAway ? Promise.reject(new UnavailableError('away')) : sizes);
  const update = createTokenStoreGauges(
    { opened: () => [{ name: 'main', store: { sizes: read } as unknown as TokenStore }] },
    source.metrics,
  );
  await update();
  sizes.codes = 0;
  await update();
  isAway = true;
  await update();
  const text = await source.render();
  assert.match(text, /^gatewright_token_store_records\{store="main",kind="access"\} 3$/m);
  assert.match(text, /^gatewright_token_store_records\{store="main",kind="codes"\} 0$/m);
});

test('an engine of ours lives in the data directory, a file where the configuration says, and no place shows a password', () => {
  const place = (url: string) =>
    describeTokenStore({ tokenStore: { url } } as Config, { path: '/data' } as unknown as DataDir);
  assert.deepEqual(place('cassandra-embedded:?heapMb=512'), { kind: 'cassandra-embedded', place: '/data/cassandra' });
  assert.deepEqual(place('sqlite:/elsewhere/t.db'), { kind: 'sqlite', place: '/elsewhere/t.db' });
  assert.deepEqual(place('postgresql://u:p@w@db.example:5432/x?pool=4'), {
    ...{ kind: 'postgres', place: '//db.example:5432/x' },
  });
});
