import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSelectors, hasOnlySelectors, resolveSelectors, selectorText } from './selector.ts';

const variable = '\u0024{variables.region}';
const secret = '\u0024{secrets.backend-key}';

test('selectors are found in every string, each once', () => {
  const found = findSelectors({ a: [`${variable}/${secret}`, { b: variable }], c: 1, d: null, [secret]: '' });
  assert.deepEqual(found.map(selectorText), [variable, secret]);
});

test('what is put in stands in the place of the selector, and is not read again', () => {
  const resolved = resolveSelectors({ a: [`x ${variable}`, true], b: { c: secret } }, ({ kind, name }) =>
    kind === 'secrets' ? variable : `<${name}>`,
  );
  assert.deepEqual(resolved, { a: ['x <region>', true], b: { c: variable } });
});

test('a dollar sign with a brace is a selector or a mistake', () => {
  for (const text of ['', '$', '{}', 'a $5 b', variable, `a${secret}b${variable}`])
    assert.equal(hasOnlySelectors(text), true, text);
  for (const inner of [
    'x',
    'variables',
    'variables.',
    'variables.A',
    'variables.a.b',
    'secrets.-a',
    'env.HOME',
    ' variables.a',
  ])
    assert.equal(hasOnlySelectors(`\u0024{${inner}}`), false, inner);
  assert.equal(hasOnlySelectors('\u0024{variables.a'), false);
});
