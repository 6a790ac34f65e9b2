import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBalance } from './balance.ts';

const always = (): boolean => true;

test('calls are spread by weight, evenly over time', () => {
  const balance = createBalance([
    { value: 'a', weight: 3 },
    { value: 'b', weight: 1 },
  ]);
  assert.equal(Array.from({ length: 8 }, () => balance.choose(always)).join(''), 'aabaaaba');
});

test('what is down is passed over, and tried all the same when everything is', () => {
  const balance = createBalance([
    { value: 'a', weight: 1 },
    { value: 'b', weight: 1 },
  ]);
  for (let i = 0; i < 4; i += 1)
    assert.equal(
      balance.choose((value) => value !== 'a'),
      'b',
    );
  assert.equal(
    balance.choose(() => false, 'a'),
    'b',
  );
  assert.ok(['a', 'b'].includes(balance.choose(() => false)));
  assert.equal(
    createBalance([{ value: 'only', weight: 1 }]).choose(() => false, 'only'),
    'only',
  );
});
