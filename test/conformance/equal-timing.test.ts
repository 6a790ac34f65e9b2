import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { after, before, test } from 'node:test';
import { newConsumerKey } from '#core/credential';
import { systemRandom } from '#core/random';
import { type AuthorizationSystem, openAuthorization } from '../support/authorization.ts';
import { FORM } from '../support/oauth.ts';
import { mannWhitneyP } from '../support/rank-test.ts';

// RFC 6749 §10.10, RFC 9700 §4: whoever guesses credentials must not learn from the time of an answer which consumer keys exist. A rank test
// over interleaved pairs, never a threshold in milliseconds: both kinds meet the same machine, however busy.

const ALPHA = 1e-4;
const PAIRS = 600;
const WARM_UP = 300;
/** Below the limit of failed tries of one key within a minute. */
const PAIRS_A_MINUTE = 400;

let system: AuthorizationSystem;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
before(async () => {
  system = await openAuthorization();
  system.configure({});
});
after(async () => {
  agent.destroy();
  await system?.[Symbol.asyncDispose]();
});

/** Asks for a token. The milliseconds from the request to the end of its answer. */
function timeOf(id: string, secret: string): Promise<number> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
  }).toString();
  const headers = { [FORM[0]]: FORM[1], 'Content-Length': body.length };
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const sent = request(system.issuer, { agent, method: 'POST', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => {
        const ms = performance.now() - begin;
        const isRefused = answer.statusCode === 401 && text.includes('invalid_client');
        if (isRefused) resolve(ms);
        else reject(new Error(`${answer.statusCode} ${text}`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Times of both kinds, a pair after another; which of a pair comes first is left to chance. */
async function measure(one: () => Promise<number>, other: () => Promise<number>, pairs: number) {
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < pairs; i += 1) {
    if (i % PAIRS_A_MINUTE === 0) system.clock.advance(61_000);
    const isOneFirst = Math.random() < 0.5;
    const before = isOneFirst ? await one() : undefined;
    times[1].push(await other());
    times[0].push(before ?? (await one()));
  }
  return times;
}

test('an unknown client and a wrong secret take the same time', async () => {
  const known = system.registry.register();
  const unknown = newConsumerKey(systemRandom);
  const wrong = system.registry.register().secret;
  const kinds = [() => timeOf(unknown, wrong), () => timeOf(known.consumerKey, wrong)] as const;
  await measure(...kinds, WARM_UP);
  const times = await measure(...kinds, PAIRS);
  const p = mannWhitneyP(...times);
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]?.toFixed(4);
  const medians = `medians ${median(times[0])} and ${median(times[1])} ms`;
  assert.ok(p >= ALPHA, `p = ${p}: time tells whether a client exists; ${medians}`);
});

test('the rank test tells a shift of a tenth, and nothing where there is none', () => {
  let seed = 1;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  // One in twenty is a pause of the machine.
  const sample = (shift: number) =>
    Array.from({ length: PAIRS }, () => shift + 1 + 0.3 * next() + (next() < 0.05 ? 50 * next() : 0));
  assert.ok(mannWhitneyP(sample(0), sample(0)) >= 0.01);
  assert.ok(mannWhitneyP(sample(0), sample(0.1)) < ALPHA);
  assert.ok(mannWhitneyP(sample(0.1), sample(0)) < ALPHA);
  assert.equal(mannWhitneyP([1, 1], [1, 1]), 1);
});
