import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandClock } from '#core/clock';
import type { FoundToken } from '#core/token-store';
import { createMetrics } from '#telemetry/metrics';
import { createRevocationLag } from './revocation-lag.ts';

test('the time from a revocation to its news is measured, of tokens and of standings', async () => {
  const clock = new HandClock();
  const source = createMetrics();
  const found = { state: 'revoked', by: 'p', at: clock.now(), reason: undefined, standing: undefined };
  const store = { findAccess: () => found as unknown as FoundToken };
  const heard = createRevocationLag({ store, clock, metrics: source.metrics });
  clock.advance(30);
  heard({ kind: 'token', hash: 'a' });
  const by = { by: 'p', at: clock.now() - 700, reason: undefined };
  heard({ kind: 'standing', standing: { kind: 'client', id: 'c', generation: 2, active: true, ...by } });
  heard({
    kind: 'standing',
    standing: { kind: 'client', id: 'c', generation: 3, active: true, ...by, at: clock.now() + 9 },
  });
  heard({ kind: 'grant', id: 'g' });
  heard('flush');
  await new Promise((resolve) => setImmediate(resolve));
  const text = await source.render();
  const at = (bound: string) =>
    Number(new RegExp(`gatewright_revocation_lag_seconds_bucket\\{le="${bound}"\\} (\\d+)`).exec(text)?.[1]);
  assert.deepEqual(['0.001', '0.025', '0.05', '0.5', '1'].map(at), [1, 1, 2, 2, 3]);
});
