import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMessage } from '#test/support/message';
import { createOAuthSystem } from '#test/support/oauth';
import { assignVariables } from './policy.ts';
import { schema } from './schema.ts';

const { compile } = createOAuthSystem();
const at = (name: string): string => `\u0024{${name}}`;

async function run(attributes: readonly object[], message = createMessage({ query: 'tenant=north&scope=read+write' })) {
  await compile(assignVariables, { attributes }).proxyRequest?.(message);
  return message;
}

test('writes texts, JSON and sets, each row with what the rows before it wrote', async () => {
  const message = await run([
    { name: 'tenant', value: `t-${at('request.query.tenant')}` },
    { name: 'customer', type: 'json', value: `{"tenant":"${at('tenant')}","tier":3,"tags":["a"]}` },
    { name: 'tier', type: 'json', value: `"${at('customer.tier')}"` },
    { name: 'words', type: 'set', value: `${at('request.query.scope')} admin` },
    { name: 'scopes.for.token', type: 'set', value: at('customer.tags') },
  ]);
  const { whiteboard, facts } = message;
  assert.equal(whiteboard.get('tenant'), 't-north');
  assert.deepEqual(whiteboard.get('customer'), { tenant: 't-north', tier: 3, tags: ['a'] });
  assert.equal(whiteboard.get('tier'), 3);
  assert.deepEqual(whiteboard.get('words'), new Set(['read', 'write', 'admin']));
  assert.deepEqual(whiteboard.get('scopes.for.token'), new Set(['a']));
  assert.deepEqual(facts, { wrote: ['tenant', 'customer', 'tier', 'words', 'scopes.for.token'] }, 'names, no values');
});

test('a selector for which nothing is there takes the attribute away', async () => {
  const message = createMessage();
  for (const name of ['a', 'b', 'c']) message.whiteboard.assign(name, 'old');
  await run(
    [
      { name: 'a', type: 'set', value: at('none') },
      { name: 'b', type: 'json', value: `"${at('none')}"` },
      { name: 'c', value: at('none') },
    ],
    message,
  );
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => message.whiteboard.get(name)),
    [undefined, undefined, ''],
  );
});

test('JSON of a request stays text: it cannot add members', async () => {
  const message = createMessage({ query: `tenant=${encodeURIComponent('x","admin":true,"y":"')}` });
  await run([{ name: 'customer', type: 'json', value: `{"tenant":"${at('request.query.tenant')}"}` }], message);
  assert.deepEqual(message.whiteboard.get('customer'), { tenant: 'x","admin":true,"y":"' });
});

test('settings that cannot work are refused', () => {
  for (const bad of [
    [],
    [{ name: 'accesstoken', value: 'x' }],
    [{ name: 'oauth.client.details', value: 'x' }],
    [{ name: 'a b', value: 'x' }],
    [{ name: 'a', type: 'json', value: '{' }],
    [{ name: 'a', value: at('b()') }],
    [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ],
    [{ name: 'a', value: 'x'.repeat(8193) }],
  ])
    assert.equal(schema.safeParse({ attributes: bad }).success, false, JSON.stringify(bad).slice(0, 80));
  const filled = { attributes: [{ name: 'a', type: 'json', value: `{"a": ${at('variables.limit')}}` }] };
  assert.equal(schema.safeParse(filled).success, true, 'JSON once the value of the server group is in it');
  assert.throws(() => compile(assignVariables, { attributes: [{ name: 'a', value: at('variables.x') }] }));
});

test('the card names what is written', () => {
  const config = schema.parse({ attributes: [{ name: 'a', value: '1' }] });
  assert.equal(assignVariables.summarize(config), 'writes a');
  assert.deepEqual(assignVariables.writes?.(config), ['a']);
});
