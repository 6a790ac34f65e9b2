import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { HandClock } from '#core/clock';
import { Refusal } from '#core/errors';
import { requestDigest, signTicket, TICKET_LIFE_MS, type TryTicket } from '#core/try-ticket';
import { createSingleUse } from './single-use.ts';
import { createTicketDesk } from './ticket-desk.ts';
import { createTicketQuestions } from './ticket-questions.ts';

const pair = generateKeyPairSync('ed25519');
const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url');
const request = { method: 'GET', target: '/orders/1?a=b' };

function open(gatewayId = 'gtw_1') {
  const clock = new HandClock();
  const used = createSingleUse(clock);
  const desk = createTicketDesk({
    ...{ gatewayId, clock, publicKey: () => publicKey },
    takeOnce: async (ticket) => used.take(ticket),
  });
  const ticket = (more: Partial<TryTicket> = {}, key = pair.privateKey) =>
    signTicket(
      {
        ...{ id: 'abcdefghijklmnop', gatewayId: 'gtw_1', request: requestDigest(request.method, request.target) },
        ...{ at: clock.now(), endsAt: clock.now() + TICKET_LIFE_MS, by: 'ann', use: 'try' },
        ...more,
      } as TryTicket,
      key,
    );
  return { clock, desk, ticket };
}

const problemOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Refusal);
    assert.equal(error.code, 'try_ticket_invalid');
    return error.facts.problem;
  }
};

test('a ticket is taken once, for its own request', async () => {
  const { desk, ticket } = open();
  const text = ticket();
  assert.equal((await desk.admit(text, request)).by, 'ann');
  assert.equal(await problemOf(desk.admit(text, request)), 'used before');
});

test('a ticket for another request, method, gateway or time is refused, and stays unused', async () => {
  const { desk, ticket, clock } = open();
  const text = ticket();
  assert.equal(await problemOf(desk.admit(text, { ...request, target: '/orders/2?a=b' })), 'for another request');
  assert.equal(await problemOf(desk.admit(text, { ...request, method: 'POST' })), 'for another request');
  assert.equal(await problemOf(open('gtw_2').desk.admit(text, request)), 'for another gateway');
  assert.equal(await problemOf(desk.admit(text, request)), undefined);
  const late = ticket({ id: 'another-ticket-id' });
  clock.advance(TICKET_LIFE_MS);
  assert.match(String(await problemOf(desk.admit(late, request))), /ended/);
  const endless = ticket({ id: 'a-ticket-without-end', endsAt: clock.now() + 1e12 });
  assert.match(String(await problemOf(desk.admit(endless, request))), /ended/);
});

test('what the manager did not sign is no ticket, however it is formed', async () => {
  const { desk, ticket } = open();
  const forged = ticket({}, generateKeyPairSync('ed25519').privateKey);
  const [payload = '', signature = ''] = ticket().split('.');
  const changed = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('ann', 'eve')).toString('base64url');
  for (const text of [
    forged,
    `${changed}.${signature}`,
    payload,
    `${payload}.`,
    '',
    '.',
    'a.b.c',
    `${payload}.${signature}.x`,
    'x'.repeat(20_000),
  ])
    assert.equal(await problemOf(desk.admit(text, request)), 'not signed by the manager', text.slice(0, 40));
  const keyless = createTicketDesk({
    ...{ gatewayId: 'gtw_1', clock: new HandClock(), publicKey: () => undefined, takeOnce: async () => true },
  });
  assert.equal(await problemOf(keyless.admit(ticket(), request)), 'not signed by the manager');
});

test('what was issued before the gateway began is refused: it may have been used before a restart', () => {
  const clock = new HandClock();
  const at = clock.now();
  clock.advance(10);
  const used = createSingleUse(clock);
  assert.equal(used.take({ id: 'a', at, endsAt: at + 1000 }), false);
  assert.equal(used.take({ id: 'b', at: clock.now(), endsAt: at + 1000 }), true);
});

test('however many tickets there are, what is remembered has a bound and nothing is used twice', () => {
  const clock = new HandClock();
  const used = createSingleUse(clock);
  const take = (i: number) => used.take({ id: `t${i}`, at: clock.now(), endsAt: clock.now() + 1000 });
  for (let i = 0; i < 10_000; i += 1) assert.equal(take(i), true);
  assert.equal(take(10_001), false);
  assert.equal(take(5), false);
  clock.advance(1000);
  assert.equal(take(10_002), true);
});

test('of two workers, or two requests of one, that show the same ticket at once only one gets through', async () => {
  const clock = new HandClock();
  const used = createSingleUse(clock);
  const worker = () => {
    const questions = createTicketQuestions((ticket) =>
      setImmediate(() => questions.answer(ticket.id, used.take(ticket))),
    );
    return questions;
  };
  const [one, two] = [worker(), worker()];
  const ticket = { id: 'a', at: clock.now(), endsAt: clock.now() + 1000 };
  const answers = await Promise.all([one.ask(ticket), one.ask(ticket), two.ask(ticket)]);
  assert.equal(answers.filter(Boolean).length, 1);
});
