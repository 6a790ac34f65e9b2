import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Fastify from 'fastify';
import { noLogger } from '#core/logger';
import { systemRandom } from '#core/random';
import { openTestManager } from '#test/support/manager-context';
import { type Authentication, authenticate } from '../access/authenticate.ts';
import { createCookies } from '../access/cookie.ts';
import { createFailedAttempts } from '../access/failed-attempts.ts';
import { createLastUsed } from '../access/last-used.ts';
import { insertManagementKey } from '../records/management-key.ts';
import { guardStream } from './stream-guard.ts';

test('a stream ends when the key of its reader does, and stays open until then', async (t) => {
  const { context, clock } = await openTestManager(t);
  const { db } = context;
  await using lastUsed = createLastUsed(db, noLogger);
  const failed = createFailedAttempts(clock);
  const cookies = createCookies(context.options, () => undefined);
  const authentication: Authentication = { read: db.read, clock, failed, lastUsed, cookies };
  const wish = { name: 'wall', displayName: 'Wall', roles: [{ role: 'viewer' as const }] };
  const by = { actor: 'tester', now: clock.now(), random: systemRandom };
  const { value } = await db.write.transaction().execute((tx) => insertManagementKey(tx, wish, by));
  const app = Fastify();
  t.after(() => app.close());
  app.decorateRequest('principal', undefined);
  app.get('/stream', async (request, reply) => {
    request.principal = await authenticate(authentication, request);
    guardStream({ request, reply }, authentication, 20);
    const stream = new Readable({ read() {} });
    stream.push('begun');
    return reply.send(stream);
  });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const answer = await fetch(`${address}/stream`, { headers: { authorization: `Bearer ${value}` } });
  let isOver = false;
  const over = answer.text().catch(() => {
    isOver = true;
  });
  await sleep(200);
  assert.equal(isOver, false);
  await db.write.deleteFrom('management_keys').execute();
  await over;
  assert.equal(isOver, true);
});
