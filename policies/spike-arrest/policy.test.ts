import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '#core/errors';
import { HeaderList } from '#core/headers';
import { createMessage, type TestRequest } from '#test/support/message';
import { createOAuthSystem } from '#test/support/oauth';
import { spikeArrest } from './policy.ts';
import { schema } from './schema.ts';

function place(settings: Readonly<Record<string, unknown>>) {
  const { compile, clock } = createOAuthSystem();
  const compiled = compile(spikeArrest, settings);
  const call = async (request: TestRequest = {}) => {
    const message = createMessage(request);
    let refusal: Refusal | undefined;
    try {
      await compiled.proxyRequest?.(message);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
    }
    message.response = { status: 200, headers: new HeaderList(), body: undefined };
    await compiled.proxyResponse?.(message);
    return { refusal, message, limit: message.response.headers.get('ratelimit') };
  };
  const codes = async (n: number, request?: TestRequest) => {
    const found: string[] = [];
    for (let i = 0; i < n; i += 1) found.push((await call(request)).refusal?.code ?? 'ok');
    return found.join(' ');
  };
  return { call, codes, clock };
}

test('30 a minute is one every 2 s', async () => {
  const { call, codes, clock } = place({ rate: 30, per: 'minute' });
  assert.equal(await codes(2), 'ok spike_arrested');
  clock.advance(1999);
  const { refusal, limit, message } = await call();
  assert.equal(refusal?.code, 'spike_arrested');
  assert.deepEqual(refusal?.facts, {
    ...{ rate: 30, per: 'minute', burst: 1, countedBy: 'everybody', weight: 1, remaining: 0 },
    ...{ retryAfterMs: 1, resetAt: clock.now() + 1 },
  });
  assert.equal(limit, '"spike-arrest";r=0;t=1');
  assert.deepEqual(message.whiteboard.get('spike-arrest'), { allowed: 30, remaining: 0, resetAt: clock.now() + 1 });
  clock.advance(1);
  assert.equal(await codes(2), 'ok spike_arrested');
});

test('10 a minute with weight 2 lets 5 calls a minute through', async () => {
  const { codes, clock } = place({ rate: 10, per: 'minute', weight: '2' });
  let through = 0;
  for (let second = 0; second < 600; second += 1) {
    if ((await codes(1)) === 'ok') through += 1;
    clock.advance(1000);
  }
  assert.equal(through, 50);
});

test('a burst may come at once; by itself it is what the rate gives in 100 ms', async () => {
  const { codes, clock } = place({ rate: 1, per: 'second', burst: 3 });
  assert.equal(await codes(4), 'ok ok ok spike_arrested');
  clock.advance(1000);
  assert.equal(await codes(2), 'ok spike_arrested');
  const fast = place({ rate: 50, per: 'second' });
  assert.equal(await fast.codes(6), 'ok ok ok ok ok spike_arrested');
});

test('counts all calls together, or each caller by an identifier', async () => {
  const all = place({ rate: 1, per: 'hour' });
  assert.equal(await all.codes(1, { address: '192.0.2.1' }), 'ok');
  assert.equal(await all.codes(1, { address: '192.0.2.2' }), 'spike_arrested');
  const each = place({ rate: 1, per: 'hour', countBy: 'identifier', identifier: '\u0024{request.query.shop}' });
  assert.equal(await each.codes(2, { query: 'shop=a' }), 'ok spike_arrested');
  assert.equal(await each.codes(2, { query: 'shop=b' }), 'ok spike_arrested');
});

test('settings that cannot work are refused, and the card says what it does', () => {
  for (const wrong of [{ rate: 0 }, { per: 'day' }, { burst: -1 }, { countBy: 'identifier' }, { weight: 'x' }])
    assert.equal(schema.safeParse(wrong).success, false, JSON.stringify(wrong));
  assert.equal(spikeArrest.summarize(schema.parse({})), '10 a second, by everybody');
});
