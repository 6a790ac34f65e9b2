import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { newConsumerKey } from '#core/credential';
import { systemRandom } from '#core/random';
import { basic, createOAuthSystem, FORM } from '../support/oauth.ts';
import { mannWhitneyZ, pOf } from '../support/rank-test.ts';

// RFC 6749 §10.10, RFC 9700 §4: whoever guesses credentials must not learn from the time of an answer which consumer keys exist. A rank test
// over interleaved pairs, never a threshold in milliseconds: both kinds meet the same machine, however busy. In this process, where a microsecond
// shows that the network would hide.

const ALPHA = 1e-4;
const WARM_UP = 3000;
const PAIRS = 1500;
const BATCHES = 5;
/** So many batches of the five must tell the two kinds apart, and in the same direction. By chance alone that happens once in 10¹⁶ runs. */
const TELLING = 4;

const system = createOAuthSystem({ limits: { failedAuthPerMinute: 1e9 } });
const known = system.registry.register().consumerKey;
const unknown = newConsumerKey(systemRandom);
const wrong = system.registry.register().secret;

type Ask = (
  consumerKey: string,
) => Promise<{ readonly status: number; readonly json: Readonly<Record<string, unknown>> }>;

const ASKS: Readonly<Record<string, Ask>> = {
  'in the form': (consumerKey) =>
    system.postForm({ grant_type: 'client_credentials', client_id: consumerKey, client_secret: wrong }),
  'in the header': (consumerKey) =>
    system.token({ headers: [FORM, basic(consumerKey, wrong)], body: 'grant_type=client_credentials' }),
  'by its name alone': (consumerKey) => system.postForm({ grant_type: 'client_credentials', client_id: consumerKey }),
};

/** Microseconds until the refusal. */
async function timeOf(ask: Ask, consumerKey: string): Promise<number> {
  const begin = performance.now();
  const answer = await ask(consumerKey);
  const taken = (performance.now() - begin) * 1000;
  assert.equal(answer.status, 401);
  assert.equal(answer.json.error, 'invalid_client');
  return taken;
}

/** Times of both kinds, a pair after another; which of a pair comes first is left to chance. */
async function measure(ask: Ask, pairs: number) {
  const times: { readonly unknown: number[]; readonly known: number[] } = { unknown: [], known: [] };
  for (let i = 0; i < pairs; i += 1) {
    const isKnownFirst = (systemRandom.bytes(1)[0] ?? 0) < 128;
    if (isKnownFirst) times.known.push(await timeOf(ask, known));
    times.unknown.push(await timeOf(ask, unknown));
    if (!isKnownFirst) times.known.push(await timeOf(ask, known));
  }
  return times;
}

const median = (values: readonly number[]) => (values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(2);

before(() => assert.ok(system.registry.findConsumerKey(known) && !system.registry.findConsumerKey(unknown)));

for (const [place, ask] of Object.entries(ASKS))
  test(`an unknown client and a wrong secret take the same time ${place}`, async (t) => {
    await measure(ask, WARM_UP);
    const batches: { z: number; words: string }[] = [];
    for (let i = 0; i < BATCHES; i += 1) {
      const times = await measure(ask, PAIRS);
      const z = mannWhitneyZ(times.known, times.unknown);
      const words = `unknown ${median(times.unknown)} µs, known ${median(times.known)} µs, p ${pOf(z).toExponential(1)}`;
      batches.push({ z, words });
      t.diagnostic(words);
    }
    for (const direction of [1, -1]) {
      const telling = batches.filter(({ z }) => pOf(z) < ALPHA && Math.sign(z) === direction).length;
      const words = batches.map((batch) => batch.words).join('; ');
      assert.ok(telling < TELLING, `time tells whether a client exists: ${words}`);
    }
  });

test('the rank test tells a shift of a tenth, and nothing where there is none', () => {
  let seed = 1;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  // One in twenty is a pause of the machine.
  const sample = (shift: number) =>
    Array.from({ length: 600 }, () => shift + 1 + 0.3 * next() + (next() < 0.05 ? 50 * next() : 0));
  const p = (first: readonly number[], second: readonly number[]) => pOf(mannWhitneyZ(first, second));
  assert.ok(p(sample(0), sample(0)) >= 0.01);
  assert.ok(p(sample(0), sample(0.1)) < ALPHA);
  assert.ok(p(sample(0.1), sample(0)) < ALPHA);
  assert.equal(Math.sign(mannWhitneyZ(sample(0.1), sample(0))), 1);
  assert.equal(mannWhitneyZ([1, 1], [1, 1]), 0);
});
