import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterStore } from '#core/counter-store';
import { Refusal, UnavailableError } from '#core/errors';
import { HeaderList } from '#core/headers';
import type { CompiledPolicy } from '#core/policy';
import { createMessage, type TestMessage, type TestRequest } from '#test/support/message';
import { createOAuthSystem, type OAuthOptions } from '#test/support/oauth';
import { quota } from './policy.ts';
import { schema } from './schema.ts';

const SUBSCRIBER = {
  clientId: 'cli_1',
  name: 'shop',
  displayName: 'Shop',
  consumerKey: 'gwk_1',
  subscriptionId: 'sub_1',
};

/** The policy in a system, with calls to it. */
function place(settings: Readonly<Record<string, unknown>>, options: OAuthOptions = {}) {
  const system = createOAuthSystem(options);
  const compiled = system.compile(quota, settings);
  const call = async (request: TestRequest = {}, subscriber?: Partial<typeof SUBSCRIBER>) => {
    const message = createMessage(request);
    if (subscriber !== undefined) message.whiteboard.set('oauth.client.details', { ...SUBSCRIBER, ...subscriber });
    return run(compiled, message);
  };
  const codes = async (n: number, ...args: Parameters<typeof call>) => {
    const found: (string | undefined)[] = [];
    for (let i = 0; i < n; i += 1) found.push((await call(...args)).refusal?.code);
    return found.map((code) => code ?? 'ok').join(' ');
  };
  return { system, call, codes };
}

/** As the gateway does: the refusal's answer, then the handlers for refusals. */
async function run(compiled: CompiledPolicy, message: TestMessage) {
  let refusal: Refusal | undefined;
  try {
    await compiled.proxyRequest?.(message);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refusal = error;
  }
  message.response = { status: refusal === undefined ? 200 : 429, headers: new HeaderList(), body: undefined };
  if (refusal === undefined || compiled.onRefusal === true) await compiled.proxyResponse?.(message);
  const { headers } = message.response;
  return { refusal, message, policy: headers.get('ratelimit-policy'), limit: headers.get('ratelimit') };
}

test('so many calls in a period, then 429 until it is over', async () => {
  const { system, codes, call } = place({ allow: 2, timeUnit: 'minute' });
  system.clock.advance(60_000 - (system.clock.now() % 60_000) + 20_000); // 20 s into a minute
  assert.equal(await codes(3), 'ok ok quota_exceeded');
  const { refusal, policy, limit, message } = await call();
  assert.deepEqual(refusal?.facts, {
    ...{ allow: 2, windowMs: 60_000, by: 'policy', countedBy: 'caller', weight: 1, remaining: 0 },
    ...{ retryAfterMs: 40_000, resetAt: system.clock.now() + 40_000 },
  });
  assert.deepEqual([policy, limit], ['"quota";q=2;w=60', '"quota";r=0;t=40']);
  assert.deepEqual(message.whiteboard.get('quota'), { allowed: 2, remaining: 0, resetAt: system.clock.now() + 40_000 });
  assert.deepEqual(message.facts, { remaining: 0, resetAt: system.clock.now() + 40_000 });
  system.clock.advance(40_000);
  assert.equal((await call()).limit, '"quota";r=1;t=60');
});

test('a rolling period has no edge at which twice as much goes through', async () => {
  const { system, codes } = place({ allow: 2, timeUnit: 'minute', type: 'rolling' });
  system.clock.advance(60_000 - (system.clock.now() % 60_000) + 59_000);
  assert.equal(await codes(2), 'ok ok');
  system.clock.advance(1500);
  assert.equal(await codes(1), 'quota_exceeded');
  system.clock.advance(60_000);
  assert.equal(await codes(3), 'ok ok quota_exceeded');
});

test('each caller has a count: the subscription, else the subject, else the address', async () => {
  const { codes, call } = place({ allow: 1, timeUnit: 'day' });
  assert.equal(await codes(2, {}, {}), 'ok quota_exceeded');
  assert.equal(await codes(2, {}, { subscriptionId: 'sub_2' }), 'ok quota_exceeded');
  assert.equal(await codes(2, { address: '192.0.2.7' }), 'ok quota_exceeded');
  assert.equal(await codes(1, { address: '192.0.2.8' }), 'ok');
  const { refusal } = await call({}, {});
  assert.deepEqual([refusal?.facts.client, refusal?.facts.clientName], ['Shop', 'shop']);
});

test('counted by client, address, everybody or an identifier; without one the caller is counted', async () => {
  const byClient = place({ allow: 1, timeUnit: 'day', countBy: 'client' });
  assert.equal(await byClient.codes(1, {}, { subscriptionId: 'sub_1' }), 'ok');
  assert.equal(await byClient.codes(1, {}, { subscriptionId: 'sub_2' }), 'quota_exceeded');
  const byAddress = place({ allow: 1, timeUnit: 'day', countBy: 'address' });
  assert.equal(await byAddress.codes(1, {}, { subscriptionId: 'sub_1' }), 'ok');
  assert.equal(await byAddress.codes(1, {}, { subscriptionId: 'sub_2' }), 'quota_exceeded');
  const byAll = place({ allow: 1, timeUnit: 'day', countBy: 'everybody' });
  assert.equal(await byAll.codes(1, { address: '192.0.2.1' }), 'ok');
  assert.equal(await byAll.codes(1, { address: '192.0.2.2' }), 'quota_exceeded');
  const bySelector = place({
    ...{ allow: 1, timeUnit: 'day', countBy: 'identifier', identifier: '\u0024{request.header.x-tenant}' },
  });
  const tenant = (name: string): TestRequest => ({ headers: [['X-Tenant', name]] });
  assert.equal(await bySelector.codes(2, tenant('a')), 'ok quota_exceeded');
  assert.equal(await bySelector.codes(1, tenant('b')), 'ok');
  assert.equal(await bySelector.codes(2, { address: '192.0.2.9' }), 'ok quota_exceeded');
  const { refusal } = await bySelector.call(tenant('a'));
  assert.ok(!JSON.stringify(refusal?.facts).includes('"a"')); // what was sent may be a key
});

test('a weight counts as much, 0 counts nothing, and what is no weight is refused', async () => {
  const { call, codes } = place({ allow: 10, timeUnit: 'day', weight: '\u0024{request.header.x-weight:-1}' });
  const weighing = (weight: string): TestRequest => ({ headers: [['X-Weight', weight]] });
  assert.equal(await codes(2, weighing('4')), 'ok ok');
  assert.equal(await codes(1, weighing('3')), 'quota_exceeded');
  assert.equal(await codes(3, weighing('0')), 'ok ok ok');
  assert.equal(await codes(3), 'ok ok quota_exceeded');
  for (const weight of ['-1', '1.5', 'x', '1e3', '1000001', '99999999', ' 1']) {
    assert.equal((await call(weighing(weight))).refusal?.code, 'selector_value', weight);
  }
});

test('the plan of the product: one count for all its projects, changed at once; without a plan the own settings', async () => {
  const { system, codes, call } = place({ allow: 1, timeUnit: 'day', usePlan: true });
  const { clientId, subscriptionId } = system.registry.register({
    product: { plan: { allow: 3, interval: 1, timeUnit: 'hour' } },
  });
  const productId = system.registry.findSubscription(subscriptionId)?.productId ?? '';
  const caller = { clientId, subscriptionId };
  assert.equal(await codes(4, {}, caller), 'ok ok ok quota_exceeded');
  const { refusal, policy } = await call({}, caller);
  assert.deepEqual([refusal?.facts.by, refusal?.facts.allow, policy], ['plan', 3, '"quota";q=3;w=3600']);
  system.registry.changeProduct(productId, { plan: { allow: 5, interval: 1, timeUnit: 'hour' } });
  assert.equal(await codes(3, {}, caller), 'ok ok quota_exceeded');
  assert.equal(await codes(2, { address: '192.0.2.77' }), 'ok quota_exceeded'); // no subscription
  const plain = system.registry.register();
  const other = { clientId: plain.clientId, subscriptionId: plain.subscriptionId };
  assert.equal(await codes(2, {}, other), 'ok quota_exceeded'); // no plan
});

test('counters that are away: calls go on uncounted, or are refused, as it is set', async () => {
  const away: CounterStore = {
    take: () => Promise.reject(new UnavailableError('Redis does not answer.')),
    giveBack: () => {},
    sizes: () => ({}),
    async [Symbol.asyncDispose]() {},
  };
  const { call } = place({ allow: 1 }, { counters: away });
  const { refusal, message, limit } = await call();
  assert.deepEqual([refusal, limit, message.facts.counted], [undefined, undefined, false]);
  const strict = place({ allow: 1, whenUnavailable: 'refuse' }, { counters: away });
  const refused = await strict.call();
  assert.equal(refused.refusal?.code, 'counters_unavailable');
  assert.equal(refused.refusal?.facts.retryAfterMs, 1000);
});

test('without header fields it acts at its endpoint alone', async () => {
  const { system } = place({});
  assert.deepEqual(Object.keys(system.compile(quota, { headers: false })), ['proxyRequest']);
  assert.equal(system.compile(quota, {}).onRefusal, true);
  assert.deepEqual(Object.keys(system.compile(quota, {}, 'targetRequest')), [
    'targetRequest',
    'proxyResponse',
    'onRefusal',
  ]);
});

test('settings that cannot work are refused', () => {
  for (const wrong of [
    { allow: -1 },
    { allow: 1.5 },
    { interval: 0 },
    { timeUnit: 'year' },
    { timeZone: 'Mars/Olympus' },
    { startTime: '2026-02-30' },
    { startTime: 'tomorrow' },
    { countBy: 'identifier' },
    { weight: '-1' },
    { weight: '' },
    { weight: '2000000' },
    { identifier: '\u0024{x y}' },
  ])
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong));
});

test('the card says what it does', () => {
  assert.equal(quota.summarize(schema.parse({})), '1000 a minute, by caller');
  const config = { allow: 5, interval: 2, timeUnit: 'day', type: 'rolling', usePlan: true, countBy: 'everybody' };
  assert.equal(quota.summarize(schema.parse(config)), 'plan of the product, else 5 in 2 days, rolling, by everybody');
});
