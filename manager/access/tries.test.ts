import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock } from '#core/clock';
import { createTries } from './tries.ts';

const MINUTE = 60_000;

test('whoever fails elsewhere locks nobody out here', () => {
  const tries = createTries(new HandClock());
  for (let i = 0; i < 5; i += 1) tries.begin('anna', '192.0.2.1');
  assert.throws(() => tries.begin('anna', '192.0.2.1'), /Too many tries\. Try again in 30 s\./);
  assert.doesNotThrow(() => tries.begin('anna', '192.0.2.2'));
  assert.doesNotThrow(() => tries.begin('ben', '192.0.2.1'));
});

test('one address that tries many names is told to wait too', () => {
  const tries = createTries(new HandClock());
  for (let i = 0; i < 50; i += 1) tries.begin(`user${i}`, '192.0.2.1');
  assert.throws(() => tries.begin('anna', '192.0.2.1'), /Too many tries/);
  assert.doesNotThrow(() => tries.begin('anna', '192.0.2.2'));
});

test('all addresses of one IPv6 network are one', () => {
  const tries = createTries(new HandClock());
  for (const end of ['::1', ':1:2:3:4', '::ffff', ':0:0:0:9', '::a']) tries.begin('anna', `2001:db8:1:2${end}`);
  assert.throws(() => tries.begin('anna', '2001:DB8:1:2:ffff::7'), /Too many tries/);
  assert.doesNotThrow(() => tries.begin('anna', '2001:db8:1:3::1'));
  for (let i = 0; i < 5; i += 1) tries.begin('ben', '::ffff:192.0.2.1');
  assert.throws(() => tries.begin('ben', '192.0.2.1'), /Too many tries/);
});

test('who was right begins anew; what was neither right nor wrong does not count; an hour later all is forgotten', () => {
  const clock = new HandClock();
  const tries = createTries(clock);
  const fail = (times: number) => {
    for (let i = 0; i < times; i += 1) tries.begin('anna', '192.0.2.1');
  };
  fail(4);
  tries.begin('anna', '192.0.2.1').undo();
  tries.begin('anna', '192.0.2.1').succeeded();
  fail(4);
  assert.equal(tries.lockedUntil('anna'), undefined);
  fail(1);
  assert.equal(tries.lockedUntil('anna'), clock.now() + 30_000);
  clock.advance(60 * MINUTE);
  fail(4);
  assert.equal(tries.lockedUntil('anna'), undefined);
});

test('the wait doubles, up to a quarter of an hour', () => {
  const clock = new HandClock();
  const tries = createTries(clock);
  const waits: number[] = [];
  for (let i = 0; i < 12; i += 1) {
    tries.begin('anna', '192.0.2.1');
    const until = tries.lockedUntil('anna');
    if (until === undefined) continue;
    waits.push((until - clock.now()) / MINUTE);
    clock.advance(until - clock.now());
  }
  assert.deepEqual(waits, [0.5, 1, 2, 4, 8, 15, 15, 15]);
});
