import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { addPairs, emptyLatencies, percentile } from '#core/latency-histogram';
import { certificateA } from '#test/support/certificate';
import { deploymentOf, openPlane } from '#test/support/data-plane';

const SLOW_MS = 60;
const slow: RequestListener = (_, response) => void setTimeout(() => response.end('late'), SLOW_MS);

async function listen(t: TestContext, server: http.Server | https.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function call(url: string): Promise<string> {
  const answer = await fetch(url);
  await answer.arrayBuffer();
  return answer.headers.get('x-request-id') ?? '';
}

test('counts tell how long calls took and what of it the gateway added, each call once', async (t) => {
  const port = await listen(t, http.createServer(slow));
  await using under = await openPlane([]);
  under.deploy(deploymentOf({ urls: [`http://127.0.0.1:${port}`] }));
  const ids = [];
  for (let i = 0; i < 5; i += 1) ids.push(await call(`http://127.0.0.1:${under.port}/orders/${i}`));
  await call(`http://127.0.0.1:${under.port}/nowhere`);
  await Promise.all(ids.map((id) => under.record(id)));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const counts = under.batches.flatMap((batch) => batch.counts);
  const ok = counts.filter(({ status }) => status === 200);
  const sum = (of: typeof counts) => of.reduce((total, { count }) => total + count, 0);
  assert.deepEqual([sum(ok), sum(counts)], [5, 6]);
  for (const { at } of counts) assert.equal(at % 5000, 0);
  const [took, added] = [emptyLatencies(), emptyLatencies()];
  for (const one of ok) {
    addPairs(took, one.took);
    addPairs(added, one.added);
  }
  const median = percentile(took, 0.5) ?? 0;
  assert.ok(median >= SLOW_MS * 0.9, `took ${median} ms`);
  assert.ok((percentile(added, 0.5) ?? Number.NaN) < SLOW_MS / 2, 'the target’s time is not the gateway’s');
  const calls = (pairs: readonly number[]) => pairs.filter((_, i) => i % 2 === 1).reduce((total, n) => total + n, 0);
  assert.equal(
    ok.flatMap((one) => calls(one.added)).reduce((total, n) => total + n, 0),
    5,
  );
});

test('a record tells the times of the connection that was made for the call, and of none that was there', async (t) => {
  const port = await listen(t, https.createServer({ cert: certificateA.cert, key: certificateA.key }, slow));
  await using under = await openPlane([]);
  under.deploy(deploymentOf({ urls: [`https://localhost:${port}`], target: { verifyTls: false } }));
  const url = `http://127.0.0.1:${under.port}/orders/1`;
  const first = (await under.record(await call(url))).target;
  const { dnsMs = -1, connectMs = -1, tlsMs = -1 } = first?.connection ?? {};
  for (const ms of [dnsMs, connectMs, tlsMs]) assert.ok(ms >= 0 && ms < 1000, JSON.stringify(first));
  assert.ok(tlsMs > 0);
  const { firstByteMs = 0, totalMs = 0 } = first ?? {};
  assert.ok(firstByteMs >= dnsMs + connectMs + tlsMs + SLOW_MS * 0.9 && totalMs >= firstByteMs, JSON.stringify(first));
  const second = (await under.record(await call(url))).target;
  assert.equal(second?.connection, undefined);
  assert.equal(second?.outcome, 'answered');
});
