import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TIME_UNITS } from '#core/model/period';
import { compileWindows, type Layout, rollingMs } from './window.ts';

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Monrovia'];
const layouts: fc.Arbitrary<Layout> = fc.record({
  interval: fc.integer({ min: 1, max: 40 }),
  timeUnit: fc.constantFrom(...TIME_UNITS),
  timeZone: fc.constantFrom(...ZONES),
  startTime: fc.constantFrom('', '2026-01-31', '2024-02-29T09:30', '2030-07-01T00:00:01'),
});
const instants = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) });

test('periods lie end to end: every instant is in one, its ends are the neighbours of the next', () => {
  fc.assert(
    fc.property(layouts, instants, (layout, now) => {
      const windowAt = compileWindows(layout);
      const { startAt, endAt } = windowAt(now);
      assert.ok(startAt <= now && now < endAt, `${startAt} ${now} ${endAt}`);
      assert.deepEqual(windowAt(endAt - 1), { startAt, endAt });
      assert.equal(windowAt(endAt).startAt, endAt);
      assert.equal(windowAt(startAt - 1).endAt, startAt);
      assert.deepEqual(compileWindows(layout)(startAt), { startAt, endAt });
    }),
    { numRuns: 500 },
  );
});

const at = (text: string, zone = 'UTC') => Temporal.ZonedDateTime.from(`${text}[${zone}]`).epochMilliseconds;
const rows: [Partial<Layout>, now: string, startAt: string, endAt: string][] = [
  [{ timeUnit: 'minute' }, '2026-03-04T05:06:07', '2026-03-04T05:06', '2026-03-04T05:07'],
  [{ timeUnit: 'minute', interval: 15 }, '2026-03-04T05:16:07', '2026-03-04T05:15', '2026-03-04T05:30'],
  [{ timeUnit: 'hour' }, '2026-03-04T05:16:07', '2026-03-04T05:00', '2026-03-04T06:00'],
  [{ timeUnit: 'day' }, '2026-03-04T05:16:07', '2026-03-04T00:00', '2026-03-05T00:00'],
  [{ timeUnit: 'week' }, '2026-03-04T05:16:07', '2026-03-02T00:00', '2026-03-09T00:00'], // Monday
  [{ timeUnit: 'month' }, '2026-02-28T23:59:59', '2026-02-01T00:00', '2026-03-01T00:00'],
  [{ timeUnit: 'month', interval: 3 }, '2026-02-28T23:59:59', '2026-01-01T00:00', '2026-04-01T00:00'],
  [{ timeUnit: 'month', startTime: '2026-01-31' }, '2026-03-01T00:00', '2026-02-28T00:00', '2026-03-31T00:00'],
  [{ timeUnit: 'day', startTime: '2026-01-01T09:00' }, '2026-03-04T08:59', '2026-03-03T09:00', '2026-03-04T09:00'],
  [{ timeUnit: 'day', timeZone: 'Europe/Berlin' }, '2026-03-29T12:00', '2026-03-29T00:00', '2026-03-30T00:00'], // 23 hours
  [{ timeUnit: 'hour', timeZone: 'Asia/Kolkata' }, '2026-03-29T12:10', '2026-03-29T12:00', '2026-03-29T13:00'],
];
for (const [given, now, startAt, endAt] of rows) {
  test(`${JSON.stringify(given)}: ${now} is in ${startAt} to ${endAt}`, () => {
    const layout: Layout = { interval: 1, timeUnit: 'day', timeZone: 'UTC', startTime: '', ...given };
    const found = compileWindows(layout)(at(now, layout.timeZone));
    assert.deepEqual(found, { startAt: at(startAt, layout.timeZone), endAt: at(endAt, layout.timeZone) });
  });
}

test('a day of the time zone may have 23 or 25 hours', () => {
  const windowAt = compileWindows({ interval: 1, timeUnit: 'day', timeZone: 'Europe/Berlin', startTime: '' });
  const hoursOf = (text: string) => {
    const { startAt, endAt } = windowAt(at(text, 'Europe/Berlin'));
    return (endAt - startAt) / 3_600_000;
  };
  assert.deepEqual(['2026-03-28T12:00', '2026-03-29T12:00', '2026-10-25T12:00'].map(hoursOf), [24, 23, 25]);
});

test('a rolling month has 30 days', () => {
  assert.equal(rollingMs({ interval: 2, timeUnit: 'month' }), 60 * 86_400_000);
});
