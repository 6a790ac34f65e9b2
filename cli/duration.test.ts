import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseMoment, took } from './duration.ts';

const good: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['15m', 900_000],
  ['10min', 600_000],
  ['24h', 86_400_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['1.5s', 1500],
];
for (const [text, ms] of good) test(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));

for (const text of ['', '30', 's', '30 s', '-1s', '1x', '1h!', 'h1']) {
  test(`"${text}" is no duration`, () => assert.throws(() => parseDuration(text), { code: 'usage', exit: 64 }));
}

test('a moment is an ISO time, epoch milliseconds or a duration from now', () => {
  assert.equal(parseMoment('2027-01-31T12:00:00Z', 0), Date.UTC(2027, 0, 31, 12));
  assert.equal(parseMoment('1797956303702', 0), 1_797_956_303_702);
  assert.equal(parseMoment('30d', 1000), 1000 + 30 * 86_400_000);
  assert.throws(() => parseMoment('tomorrow', 0), { exit: 64 });
});

test('short times have a digit behind the point, long ones have not', () => {
  assert.deepEqual([0.94, 31.4, 440, 12_400].map(took), ['0.9 ms', '31 ms', '0.4 s', '12 s']);
});
