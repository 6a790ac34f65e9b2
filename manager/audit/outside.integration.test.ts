import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { noLogger } from '#core/logger';
import { parseAllowList } from '#egress/destination';
import { createEgress } from '#egress/egress';
import { writeEntries } from '#test/support/audit';
import { openTestManager } from '#test/support/manager-context';
import { makeCheckpoint } from './checkpoints.ts';
import { createOutside } from './outside.ts';

test('every checkpoint is posted to the webhook once, in order; while it fails they wait, longer and longer', async (t) => {
  const manager = await openTestManager(t);
  const { context, clock } = manager;
  const seen: number[] = [];
  let status = 500;
  let calls = 0;
  const server = http.createServer(async (request, response) => {
    calls += 1;
    const { seq } = JSON.parse((await request.toArray()).join(''));
    if (status === 204) seen.push(seq);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const egress = (allow: string[]) =>
    createEgress({ allow: parseAllowList(allow), ownPorts: () => new Set(), logger: noLogger });
  const open = (allow: string[]) =>
    createOutside(
      { checkpointFile: undefined, checkpointUrl: url },
      { db: context.db, logger: noLogger, egress: egress(allow) },
    );
  const sign = async () => {
    clock.advance(60_000);
    await writeEntries(manager, 1);
    return (await makeCheckpoint(context))?.seq;
  };
  const first = await sign();
  const closed = open([]);
  await closed.deliver(clock.now());
  assert.match((await closed.list())[0]?.problem ?? '', /a loopback address/);
  assert.equal(calls, 0, 'loopback is called only when it is allowed');

  const outside = open(['127.0.0.1']);
  await outside.deliver(clock.now());
  assert.deepEqual(await outside.list(), [{ kind: 'webhook', seq: 0, problem: 'The webhook answered 500.' }]);
  await outside.deliver(clock.now());
  assert.equal(calls, 1, 'not again at once');
  clock.advance(2_000);
  await outside.deliver(clock.now());
  assert.equal(calls, 2);
  status = 204;
  const second = await sign();
  await outside.deliver(clock.now());
  await outside.deliver(clock.now());
  assert.deepEqual(seen, [first, second]);
  assert.deepEqual(await outside.list(), [{ kind: 'webhook', seq: second }]);
});
