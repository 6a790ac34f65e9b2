import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PHASES } from '#core/model/endpoint';
import { attach, deploymentOf, openPlane } from '#test/support/data-plane';
import { createTrace } from '#test/support/policy-types';
import { callPolicyChain } from './policy.ts';
import { schema } from './schema.ts';

type Policies = NonNullable<Parameters<typeof deploymentOf>[0]>['policies'];
type Chains = Readonly<Record<string, readonly string[]>>;

const call = (name: string, chain: string) => ({ name, type: 'call-policy-chain', config: { chain } });
const traced = (name: string, config: Record<string, unknown> = {}) => ({ name, type: 'traced', config });

async function deploy(policies: NonNullable<Policies>, chains: Chains, at = attach({ proxyRequest: ['start'] })) {
  const trace = createTrace();
  const under = await openPlane([...trace.types, callPolicyChain]);
  const { refused } = under.deploy(deploymentOf({ policies, chains, endpoints: at }));
  return { trace, under, problems: refused.map(({ problem }) => problem) };
}

async function run(policies: NonNullable<Policies>, chains: Chains, at?: ReturnType<typeof attach>) {
  const { trace, under, problems } = await deploy(policies, chains, at);
  await using plane = under;
  assert.deepEqual(problems, []);
  const answer = await fetch(`http://127.0.0.1:${plane.port}/orders/1`);
  const body = await answer.text();
  const record = await plane.record(answer.headers.get('x-request-id'));
  return { lines: trace.lines, status: answer.status, body, record };
}

test('the policies of a chain run in order, chains in chains too, and each has a line in the trace', async () => {
  const { lines, status, record } = await run(
    [
      call('start', 'outer'),
      traced('a'),
      call('again', 'inner'),
      traced('b', { wait: true }),
      traced('c'),
      traced('off'),
    ],
    { outer: ['a', 'again', 'c'], inner: ['b'] },
  );
  assert.deepEqual(lines, ['a@proxyRequest', 'b@proxyRequest', 'c@proxyRequest']);
  assert.equal(status, 200);
  assert.deepEqual(
    record.policies.map(({ policy, chain, outcome, facts }) => [policy, chain, outcome, facts]),
    [
      ['start', undefined, 'passed', undefined],
      ['a', 'outer', 'passed', { seen: true }],
      ['again', 'outer', 'passed', undefined],
      ['b', 'inner', 'passed', { seen: true }],
      ['c', 'outer', 'passed', { seen: true }],
    ],
  );
});

test('a chain runs at each endpoint of a flow', async () => {
  for (const phase of PHASES) {
    const { lines } = await run([call('start', 'all'), traced('a')], { all: ['a'] }, attach({ [phase]: ['start'] }));
    assert.deepEqual(lines, [`a@${phase}`]);
  }
});

test('an answer ends the chain and is the answer', async () => {
  const { lines, status, body, record } = await run(
    [call('start', 'all'), traced('a', { does: 'answer' }), traced('b')],
    { all: ['a', 'b'] },
  );
  assert.deepEqual([lines, status, body], [['a@proxyRequest'], 203, 'early']);
  assert.deepEqual(
    record.policies.map(({ policy, outcome }) => [policy, outcome]),
    [
      ['start', 'answered'],
      ['a', 'answered'],
    ],
  );
});

test('a refusal goes through, and the trace names the policy of the chain', async () => {
  const { lines, status, record } = await run([call('start', 'all'), traced('a', { does: 'refuse' }), traced('b')], {
    all: ['a', 'b'],
  });
  assert.deepEqual([lines, status, record.code], [['a@proxyRequest'], 401, 'token_expired']);
  assert.deepEqual(
    record.policies.map(({ policy, outcome, code }) => [policy, outcome, code]),
    [
      ['start', 'stopped', 'token_expired'],
      ['a', 'stopped', 'token_expired'],
    ],
  );
  const failed = await run([call('start', 'all'), traced('a', { does: 'throw' })], { all: ['a'] });
  assert.deepEqual([failed.status, failed.record.code], [500, 'policy_error']);
  assert.deepEqual(
    failed.record.policies.map(({ outcome }) => outcome),
    ['failed', 'failed'],
  );
});

test('chains that multiply are stopped', async () => {
  const ten = (name: string) => Array.from({ length: 10 }, (_, i) => `${name}-${i}`);
  const policies = [
    call('start', 'one'),
    ...ten('b').map((name) => call(name, 'two')),
    ...ten('c').map((name) => call(name, 'three')),
    ...ten('d').map((name) => traced(name)),
  ];
  const { status, record, lines } = await run(policies, { one: ten('b'), two: ten('c'), three: ten('d') });
  assert.deepEqual([status, record.code], [500, 'policy_error']);
  assert.ok(lines.length < 500, String(lines.length));
});

test('a chain that cannot run refuses the deployment', async () => {
  const cases: [NonNullable<Policies>, Chains, RegExp][] = [
    [[call('start', 'none')], {}, /There is no policy chain none\./],
    [[call('start', 'all')], { all: ['gone'] }, /There is no policy gone\..*\/chains\/0\/policies\/0/],
    [[call('start', 'a'), call('to-b', 'b'), call('to-a', 'a')], { a: ['to-b'], b: ['to-a'] }, /a → b → a/],
    [[call('start', 'all')], { all: ['start'] }, /all → all/],
    [[call('start', 'all'), { name: 'cors', type: 'unwinding' }], { all: ['cors'] }, /acts at Target Request too/],
  ];
  for (const [policies, chains, expected] of cases) {
    const { under, problems } = await deploy(policies, chains);
    await under[Symbol.asyncDispose]();
    assert.match(problems.join('\n'), expected);
  }
});

test('the card names the chain', () => {
  assert.equal(callPolicyChain.summarize(schema.parse({ chain: 'scopes-for-token' })), 'runs scopes-for-token');
  for (const bad of [{}, { chain: '' }, { chain: 'Not A Name' }]) assert.equal(schema.safeParse(bad).success, false);
});
