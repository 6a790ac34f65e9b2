import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnavailableError } from '#core/errors';
import type { TokenStore } from '#core/token-store';
import { createMetrics } from '#telemetry/metrics';
import { createTokenStoreGauges } from './token-store.ts';

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
