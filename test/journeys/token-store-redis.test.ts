import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quickstart } from '../support/quickstart.ts';
import { startRedis } from '../support/redis.ts';
import { eventually, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

test('the whole program with its tokens on Redis issues, verifies and revokes', { timeout: 90_000 }, async () => {
  await using redis = await startRedis();
  await using system = await startSystem({ workers: 2, env: { GATEWRIGHT_TOKEN_STORE_URL: redis.url } });
  const { tokenUrl, apiUrl, consumerKey, consumerSecret } = await quickstart(system, 'echo:');
  const token = await getToken(tokenUrl, consumerKey, consumerSecret);
  const call = async () => (await fetch(`${apiUrl}/1`, { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await call(), 200);
  const body = new URLSearchParams({ token, client_id: consumerKey, client_secret: consumerSecret });
  assert.equal((await fetch(`${tokenUrl}/revoke`, { method: 'POST', body })).status, 200);
  assert.equal(await eventually('the refusal', async () => ((await call()) === 401 ? 401 : undefined)), 401);
});
