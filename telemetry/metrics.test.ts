import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from './metrics.ts';

test('counters, gauges and histograms are shown as Prometheus reads them', async () => {
  const { metrics, render } = createMetrics();
  const ok = metrics.counter('exchanges_total', 'Exchanges.', { project: 'orders', code: 'ok' });
  ok.add();
  ok.add(2);
  metrics.gauge('cache_entries', 'Entries.').set(7);
  const took = metrics.histogram('exchange_ms', 'Time.', { project: 'orders' });
  for (const ms of [0.05, 3, 20_000]) took.observe(ms);
  const text = await render();
  assert.match(text, /# TYPE gatewright_exchanges_total counter/);
  assert.match(text, /gatewright_exchanges_total\{project="orders",code="ok"\} 3/);
  assert.match(text, /gatewright_cache_entries 7/);
  assert.match(text, /gatewright_exchange_ms_bucket\{le="0\.1",project="orders"\} 1/);
  assert.match(text, /gatewright_exchange_ms_bucket\{le="5",project="orders"\} 2/);
  assert.match(text, /gatewright_exchange_ms_bucket\{le="\+Inf",project="orders"\} 3/);
  assert.match(text, /gatewright_exchange_ms_count\{project="orders"\} 3/);
  assert.match(text, /gatewright_process_resident_memory_bytes \d+/);
});

test('a handle taken twice is the same series', async () => {
  const { metrics, render } = createMetrics();
  metrics.counter('x_total', 'X.', { a: '1', b: '2' }).add();
  metrics.counter('x_total', 'X.', { b: '2', a: '1' }).add();
  assert.match(await render(), /gatewright_x_total\{a="1",b="2"\} 2/);
});

test('several processes become one: what counts is added, lags are as bad as the worst', async () => {
  const [a, b] = [createMetrics(), createMetrics()];
  for (const [source, n] of [[a, 2] as const, [b, 3] as const]) {
    source.metrics.counter('exchanges_total', 'E.', { code: 'ok' }).add(n);
    source.metrics.gauge('feed_lag_seconds', 'L.').set(n);
    source.metrics.gauge('cache_entries', 'C.').set(n);
    source.metrics.histogram('took_ms', 'T.').observe(n);
  }
  const primary = createMetrics();
  const text = await primary.render(JSON.parse(JSON.stringify([a.snapshot(), b.snapshot()])));
  assert.match(text, /gatewright_exchanges_total\{code="ok"\} 5/);
  assert.match(text, /gatewright_feed_lag_seconds 3/);
  assert.match(text, /gatewright_cache_entries 5/);
  assert.match(text, /gatewright_took_ms_bucket\{le="2\.5"\} 1/);
  assert.match(text, /gatewright_took_ms_count 2/);
});

test('what ended processes counted stays, what they held does not', async () => {
  const worker = createMetrics();
  worker.metrics.counter('exchanges_total', 'E.').add(4);
  worker.metrics.gauge('cache_entries', 'C.').set(9);
  const primary = createMetrics();
  const ended = await primary.merge([worker.snapshot(), worker.snapshot()], 'ended');
  const text = await primary.render([ended]);
  assert.match(text, /gatewright_exchanges_total 8/);
  assert.doesNotMatch(text, /cache_entries/);
});

test('labels are bounded: beyond 2 000 sets they are counted as other', async () => {
  const { metrics, render } = createMetrics();
  for (let i = 0; i < 2500; i += 1) metrics.counter('x_total', 'X.', { id: String(i) }).add();
  const text = await render();
  assert.match(text, /gatewright_x_total\{id="other"\} 500/);
  assert.equal(text.match(/^gatewright_x_total\{/gm)?.length, 2001);
});
