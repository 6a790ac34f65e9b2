import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestManager } from '#test/support/running-manager';

test('the live stream is heard of every few seconds, ends with the key, and one key may have ten of them', async (t) => {
  const running = await startTestManager(t);
  const made = await running.call('POST /management-keys', {
    body: { displayName: 'Wall', roles: [{ role: 'viewer' }] },
  });
  assert.equal(made.status, 201, made.text);
  const leave = new AbortController();
  t.after(() => leave.abort());
  const open = (signal = leave.signal) =>
    fetch(`${running.address}/api/v1/metrics/live?project=orders-api`, {
      headers: { authorization: `Bearer ${made.body.key}` },
      signal,
    });
  const first = await open();
  assert.deepEqual([first.status, first.headers.get('content-type')], [200, 'text/event-stream']);
  const others = await Promise.all(Array.from({ length: 9 }, () => open()));
  assert.ok(others.every(({ status }) => status === 200));
  const tooMany = await open();
  assert.equal(tooMany.status, 429);
  const decoder = new TextDecoder();
  const said: { readonly at: number; readonly text: string }[] = [];
  let isOver = false;
  const reading = (async () => {
    for await (const chunk of first.body ?? []) said.push({ at: performance.now(), text: decoder.decode(chunk) });
    isOver = true;
  })();
  while (said.length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.match(said[0]?.text ?? '', /^event: traffic\ndata: \{"at":/);
  const [one, two] = said;
  assert.ok((two?.at ?? 0) - (one?.at ?? 0) < 5000, 'a heartbeat each 5 s at the latest');
  const gone = await running.call(`DELETE /management-keys/${made.body.managementKey.id}`);
  assert.equal(gone.status, 204, gone.text);
  await reading;
  assert.ok(isOver);
  assert.match(said.at(-1)?.text ?? '', /event: ended\n/);
  assert.equal((await open()).status, 401);
});
