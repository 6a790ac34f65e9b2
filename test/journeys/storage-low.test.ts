import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { quickstart } from '../support/quickstart.ts';
import { measureSpread } from '../support/refusal.ts';
import { startSystem } from '../support/system.ts';
import { getToken, postForm } from '../support/token.ts';

test('on a disk that is nearly full no token is issued; calls with a live one go on, and so does revocation', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gatewright-storage-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  const first = await startSystem({ dataDir, workers: 1 });
  const made = await quickstart(first, 'echo:');
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  await first.stop();

  const env = { GATEWRIGHT_MIN_FREE_BYTES: String(Number.MAX_SAFE_INTEGER) };
  await using system = await startSystem({ dataDir, env, workers: 1 });
  const refused = await postForm(system.gateway + new URL(made.tokenUrl).pathname, {
    grant_type: 'client_credentials',
    client_id: made.consumerKey,
    client_secret: made.consumerSecret,
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.error, 'temporarily_unavailable');
  const url = `${system.gateway}${new URL(made.apiUrl).pathname}/1`;
  const call = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(call.status, 200);
  const spread = await measureSpread({ url, token }, () =>
    system.run(0, 'client', 'revoke-tokens', 'mobile-shop', '--yes'),
  );
  // The bound; how quick it is otherwise is measured elsewhere.
  assert.ok(spread.lastPassedMs < 5_000, `${spread.lastPassedMs} ms`);
  assert.deepEqual([...spread.refused], [401]);
  const doctor = await system.run(1, 'doctor');
  assert.match(doctor.stdout, /✖ disk .* Below .* records, then tokens, are no longer written/);
  const status = await system.run(0, 'status');
  assert.match(status.stdout, /Gateway local-1: The disk is nearly full \(\d+ MiB free\): .* no token is issued\./);
});
