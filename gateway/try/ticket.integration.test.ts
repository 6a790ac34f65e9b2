import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '#core/clock';
import { Refusal } from '#core/errors';
import {
  requestDigest,
  signTicket,
  TARGET_CHECK_PATH,
  TICKET_LIFE_MS,
  TRY_TICKET_FIELD,
  TRY_TOKEN_PATH,
  type TryTicket,
} from '#core/try-ticket';
import { deploymentOf, openPlane, sendRaw } from '#test/support/data-plane';
import { createSingleUse } from './single-use.ts';
import { createTicketDesk } from './ticket-desk.ts';

const pair = generateKeyPairSync('ed25519');
const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
let count = 0;

function ticketFor(method: string, target: string, more: object = { use: 'try' }): string {
  count += 1;
  const now = systemClock.now();
  const claims = {
    id: `ticket-number-${count}-of-this-test`,
    gatewayId: 'gtw_1',
    request: requestDigest(method, target),
  };
  const ticket = { ...claims, at: now, endsAt: now + TICKET_LIFE_MS, by: 'ann', ...more };
  return signTicket(ticket as TryTicket, pair.privateKey);
}

async function openTryPlane() {
  const used = createSingleUse({ now: () => systemClock.now() - 1000, monotonic: () => 0 });
  const desk = createTicketDesk({
    ...{ gatewayId: 'gtw_1', clock: systemClock, publicKey: () => publicKey },
    takeOnce: async (ticket) => used.take(ticket),
  });
  const issueFor = async (subscriptionId: string) => {
    if (subscriptionId === 'sub_good') return { token: 'a-token', expiresAt: 5 };
    throw new Refusal('oauth_invalid_client', { cause: 'client_disabled', client: 'Mobile shop' });
  };
  const opened = await openPlane([], {}, undefined, { clock: systemClock, tokens: { issueFor }, desk });
  opened.deploy(deploymentOf());
  return opened;
}

const ask = (port: number, path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`http://127.0.0.1:${port}${path}`, { method, headers });

test('a call with a ticket goes the way of every call; its record says who tried, and the target sees no ticket', async () => {
  await using opened = await openTryPlane();
  const { port } = opened;
  const answer = await ask(port, '/orders/1?a=b', { [TRY_TICKET_FIELD]: ticketFor('GET', '/orders/1?a=b') });
  assert.equal(answer.status, 200);
  assert.ok(!(await answer.text()).toLowerCase().includes(TRY_TICKET_FIELD));
  const record = await opened.record(answer.headers.get('x-request-id'));
  assert.deepEqual([record.triedBy, record.project], ['ann', 'orders-api']);
  const plain = await ask(port, '/orders/1');
  assert.equal((await opened.record(plain.headers.get('x-request-id'))).triedBy, undefined);
});

test('replayed, forged and foreign tickets are refused before anything is routed', async () => {
  await using opened = await openTryPlane();
  const { port } = opened;
  const ticket = ticketFor('GET', '/orders/1');
  assert.equal((await ask(port, '/orders/1', { [TRY_TICKET_FIELD]: ticket })).status, 200);
  for (const [path, value] of [
    ['/orders/1', ticket],
    ['/orders/1', 'forged'],
    ['/orders/2', ticketFor('GET', '/orders/3')],
    ['/nowhere', 'forged'],
    [TRY_TOKEN_PATH, 'forged'],
  ] as const) {
    const answer = await ask(port, path, { [TRY_TICKET_FIELD]: value });
    assert.equal(answer.status, 403, path);
    const record = await opened.record(answer.headers.get('x-request-id'));
    assert.deepEqual([record.code, record.project, record.triedBy], ['try_ticket_invalid', undefined, undefined]);
  }
  const twice = await sendRaw(
    port,
    `GET /orders/1 HTTP/1.1\r\nHost: a\r\n${TRY_TICKET_FIELD}: x\r\n${TRY_TICKET_FIELD}: y\r\n\r\n`,
  );
  assert.match(twice, /^HTTP\/1\.1 400 /);
});

test('a caller’s own spelling of the field reaches no target', async () => {
  await using opened = await openTryPlane();
  for (const name of ['gatewright_try_ticket', 'Gatewright_Try_Ticket', 'gatewright-try_ticket', 'Gatewright-Other']) {
    const answer = await sendRaw(opened.port, `GET /orders/1 HTTP/1.1\r\nHost: a\r\n${name}: mine\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.ok(!answer.includes('mine'), name);
  }
});

test('tokens and target checks are there with a ticket only, and are no exchanges', async (t) => {
  await using opened = await openTryPlane();
  const { port } = opened;
  for (const path of [TRY_TOKEN_PATH, TARGET_CHECK_PATH]) assert.equal((await ask(port, path, {}, 'POST')).status, 404);
  const target = http.createServer((_, response) => response.writeHead(503, { 'x-secret': 'yes' }).end('body'));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  t.after(() => target.close());
  const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/health`;
  const internal = async (path: string, more: object) => {
    const answer = await ask(port, path, { [TRY_TICKET_FIELD]: ticketFor('POST', path, more) }, 'POST');
    assert.equal(answer.status, 200);
    return (await answer.json()) as Record<string, unknown>;
  };
  assert.deepEqual(await internal(TRY_TOKEN_PATH, { use: 'token', subscriptionId: 'sub_good' }), {
    ...{ token: 'a-token', expiresAt: 5 },
  });
  assert.match(
    String((await internal(TRY_TOKEN_PATH, { use: 'token', subscriptionId: 'sub_x' })).problem),
    /Mobile shop/,
  );
  const checked = await internal(TARGET_CHECK_PATH, { use: 'check', url });
  assert.deepEqual([checked.ok, checked.statusClass, Object.keys(checked)], [true, '5xx', ['ok', 'statusClass', 'ms']]);
  const refused = await internal(TARGET_CHECK_PATH, { use: 'check', url: 'http://127.0.0.1:1/' });
  assert.deepEqual(refused, { ok: false, problem: 'It refused the connection, or cannot be reached.' });
  assert.equal((await internal(TARGET_CHECK_PATH, { use: 'check', url: 'echo:' })).ok, true);
  await opened.plane.drain();
  const paths = opened.batches.flatMap(({ records }) => records).map((record) => record.status);
  assert.deepEqual(
    paths.filter((status) => status === 200),
    [],
  );
});
