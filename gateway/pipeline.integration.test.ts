import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attach, deploymentOf, openPlane } from '#test/support/data-plane';
import { createTrace, policyType } from '#test/support/policy-types';

type Settings = Readonly<Record<string, Record<string, unknown>>>;

/** Runs one call through policies at project level (p…) and at DefaultResource (r…), and gives what ran. */
async function run(
  attached: { project?: Parameters<typeof attach>[0]; resource?: Parameters<typeof attach>[0] },
  settings: Settings = {},
  type = 'traced',
) {
  const trace = createTrace();
  const names = [attached.project, attached.resource].flatMap((at) => Object.values(at ?? {}).flat());
  await using under = await openPlane(trace.types);
  const { refused } = under.deploy(
    deploymentOf({
      policies: [...new Set(names)].map((name) => ({ name, type, config: settings[name] ?? {} })),
      project: { endpoints: attach(attached.project ?? {}) },
      endpoints: attach(attached.resource ?? {}),
    }),
  );
  assert.deepEqual(refused, []);
  const answer = await fetch(`http://127.0.0.1:${under.port}/orders/1`);
  const body = await answer.text();
  const record = await under.record(answer.headers.get('x-request-id'));
  return { lines: trace.lines, answer, body, record };
}

const everywhere = {
  project: { proxyRequest: ['p1'], targetRequest: ['p2'], targetResponse: ['p3'], proxyResponse: ['p4'] },
  resource: { proxyRequest: ['r1'], targetRequest: ['r2'], targetResponse: ['r3'], proxyResponse: ['r4'] },
};
const inOrder = [
  'p1@proxyRequest',
  'r1@proxyRequest',
  'p2@targetRequest',
  'r2@targetRequest',
  'r3@targetResponse',
  'p3@targetResponse',
  'r4@proxyResponse',
  'p4@proxyResponse',
];

describe('the running order (decision 18)', () => {
  test('requests run at project level then resource level, responses the other way round', async () => {
    const { lines, answer, record } = await run(everywhere);
    assert.deepEqual(lines, inOrder);
    assert.equal(answer.status, 200);
    assert.deepEqual(
      record.policies.map(({ policy, phase, outcome }) => `${policy}@${phase} ${outcome}`),
      inOrder.map((line) => `${line} passed`),
    );
    assert.deepEqual(record.policies[0]?.facts, { seen: true });
  });

  test('it is the same when some of them wait', async () => {
    const { lines, answer } = await run(everywhere, {
      p1: { wait: true },
      r2: { wait: true },
      r3: { wait: true },
      p4: { wait: true },
    });
    assert.deepEqual(lines, inOrder);
    assert.equal(answer.status, 200);
  });

  test('a policy unwinds in later phases, last entered first', async () => {
    const { lines } = await run(
      { project: { proxyRequest: ['p'] }, resource: { proxyRequest: ['r'] } },
      {},
      'unwinding',
    );
    assert.deepEqual(lines, [
      'p@proxyRequest',
      'r@proxyRequest',
      'p@targetRequest',
      'r@targetRequest',
      'r@targetResponse',
      'p@targetResponse',
      'r@proxyResponse',
      'p@proxyResponse',
    ]);
  });
});

describe('an early answer', () => {
  for (const wait of [false, true])
    test(`goes straight to Proxy Response${wait ? ', also when it took time' : ''}`, async () => {
      const { lines, answer, body, record } = await run(everywhere, { r1: { does: 'answer', wait } });
      assert.deepEqual(lines, ['p1@proxyRequest', 'r1@proxyRequest', 'r4@proxyResponse', 'p4@proxyResponse']);
      assert.equal(answer.status, 203);
      assert.equal(body, 'early');
      assert.equal(record.target, undefined);
      assert.equal(record.policies.find(({ policy }) => policy === 'r1')?.outcome, 'answered');
      assert.equal(record.policies.find(({ policy }) => policy === 'p2')?.outcome, 'not-reached');
    });

  test('only policies that were entered unwind', async () => {
    const { lines } = await run(
      { project: { proxyRequest: ['a', 'b', 'c'] } },
      { b: { does: 'answer', at: 'proxyRequest' } },
      'unwinding',
    );
    assert.deepEqual(lines, ['a@proxyRequest', 'b@proxyRequest', 'b@proxyResponse', 'a@proxyResponse']);
  });

  test("takes the target's answer's place at Target Response", async () => {
    const { lines, answer, body } = await run(everywhere, { r3: { does: 'answer' } });
    assert.deepEqual(lines.slice(4), ['r3@targetResponse', 'r4@proxyResponse', 'p4@proxyResponse']);
    assert.equal(answer.status, 203);
    assert.equal(body, 'early');
  });
});

describe('a refusal', () => {
  for (const wait of [false, true])
    test(`runs only what is meant for refusals${wait ? ', also when it took time' : ''}`, async () => {
      const { lines, answer, record } = await run(everywhere, {
        r1: { does: 'refuse', wait },
        p4: { onRefusal: true, does: 'head' },
      });
      assert.deepEqual(lines, ['p1@proxyRequest', 'r1@proxyRequest', 'p4@proxyResponse']);
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get('x-head'), 'set');
      assert.equal(record.code, 'token_expired');
      assert.deepEqual(record.facts, { client: 'Mobile shop' });
      const stopped = record.policies.find(({ policy }) => policy === 'r1');
      assert.equal(stopped?.outcome, 'stopped');
      assert.equal(stopped?.code, 'token_expired');
    });

  test('unwinds those that were entered and ask for it', async () => {
    const { lines } = await run(
      { project: { proxyRequest: ['a', 'b', 'c'] } },
      { a: { onRefusal: true }, b: { does: 'refuse', at: 'proxyRequest', onRefusal: true }, c: { onRefusal: true } },
      'unwinding',
    );
    assert.deepEqual(lines, ['a@proxyRequest', 'b@proxyRequest', 'b@proxyResponse', 'a@proxyResponse']);
  });

  test('at Proxy Response takes the place of the answer, and runs nothing twice', async () => {
    const { lines, answer } = await run(everywhere, {
      r4: { does: 'refuse', onRefusal: true },
      p4: { onRefusal: true },
    });
    assert.deepEqual(lines.slice(6), ['r4@proxyResponse', 'p4@proxyResponse']);
    assert.equal(answer.status, 401);
  });
});

describe('a policy that fails', () => {
  for (const wait of [false, true])
    test(`is a policy_error without a word about the bug${wait ? ', also when it took time' : ''}`, async () => {
      const { answer, body, record } = await run(everywhere, { r1: { does: 'throw', wait } });
      assert.equal(answer.status, 500);
      assert.doesNotMatch(body, /secret|TypeError|\bat /);
      assert.equal(record.code, 'policy_error');
      assert.doesNotMatch(JSON.stringify(record), /secret/);
      assert.equal(record.policies.find(({ policy }) => policy === 'r1')?.outcome, 'failed');
    });

  test('while a call is refused does not hide the refusal', async () => {
    const { answer, record } = await run(everywhere, {
      r1: { does: 'refuse' },
      r4: { does: 'throw', onRefusal: true },
      p4: { onRefusal: true },
    });
    assert.equal(answer.status, 401);
    assert.equal(record.code, 'token_expired');
  });
});

describe('a deployment is refused', () => {
  const compileWith = async (given: Parameters<typeof deploymentOf>[0]) => {
    const backwards = policyType('backwards', () => ({ proxyRequest: () => undefined }));
    await using under = await openPlane([...createTrace().types, backwards]);
    return under.deploy(deploymentOf(given)).refused.map(({ problem }) => problem)[0];
  };

  test('when a policy acts before the place where it is attached', async () => {
    const problem = await compileWith({
      policies: [{ name: 'late', type: 'backwards' }],
      endpoints: attach({ targetResponse: ['late'] }),
    });
    assert.match(
      problem ?? '',
      /late is attached at Target Response but acts at Proxy Request.*\/resources\/0\/endpoints\/targetResponse\/0/,
    );
  });

  test('for unknown policies, types and targets', async () => {
    assert.match(
      (await compileWith({ endpoints: attach({ proxyRequest: ['nobody'] }) })) ?? '',
      /There is no policy nobody/,
    );
    assert.match(
      (await compileWith({ policies: [{ name: 'x', type: 'unheard-of' }] })) ?? '',
      /unheard-of is not known/,
    );
    assert.match((await compileWith({ resources: [{ path: '/a', target: 'gone' }] })) ?? '', /There is no target gone/);
  });
});

test('a disabled attachment does not run', async () => {
  const trace = createTrace();
  await using under = await openPlane(trace.types);
  const endpoints = attach({ proxyRequest: ['on', 'off'] });
  endpoints.proxyRequest = endpoints.proxyRequest.map((each) => ({ ...each, enabled: each.policy === 'on' }));
  under.deploy(deploymentOf({ policies: ['on', 'off'].map((name) => ({ name, type: 'traced' })), endpoints }));
  await fetch(`http://127.0.0.1:${under.port}/orders`);
  assert.deepEqual(trace.lines, ['on@proxyRequest']);
});
