import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign, parseAssignment, type TypeOf } from './assignment.ts';
import type { FieldType } from './noun.ts';

const types: Readonly<Record<string, FieldType>> = {
  displayName: 'text',
  tokenIn: 'list',
  retries: 'number',
  accessTokenExpiryMs: 'number',
  public: 'boolean',
  scopes: 'scopes',
  urls: 'urls',
  endsAt: 'time',
  endpoints: 'json',
  plan: 'plan',
};
const typeOf: TypeOf = (path) => types[path.join('.')];
const set = (current: Record<string, unknown>, ...texts: string[]) =>
  assign(current, texts.map(parseAssignment), { typeOf, now: 1_000_000 });

test('an assignment is a dotted path, an operator and text', () => {
  assert.deepEqual(parseAssignment('a.b.0=x=y'), { path: ['a', 'b', '0'], operator: '=', text: 'x=y' });
  assert.deepEqual(parseAssignment('list+=x'), { path: ['list'], operator: '+=', text: 'x' });
  assert.deepEqual(parseAssignment('projects-=orders-api'), { path: ['projects'], operator: '-=', text: 'orders-api' });
  for (const text of ['', 'a', '=x', 'a..b=1', '.a=1', 'a b=1'])
    assert.throws(() => parseAssignment(text), { exit: 64 }, text);
});

test('text is read as its field wants it', () => {
  assert.deepEqual(set({}, 'displayName=123', 'retries=2', 'public=on', 'tokenIn=header,query'), {
    displayName: '123',
    retries: 2,
    public: true,
    tokenIn: ['header', 'query'],
  });
  assert.deepEqual(set({}, 'accessTokenExpiryMs=10m', 'scopes=a,b', 'urls=http://x', 'endsAt=none'), {
    accessTokenExpiryMs: 600_000,
    scopes: [{ scope: 'a' }, { scope: 'b' }],
    urls: [{ url: 'http://x' }],
    endsAt: null,
  });
  assert.deepEqual(set({}, 'endpoints={"proxyRequest":[]}'), { endpoints: { proxyRequest: [] } });
});

test('a plan is a count and a period, or none', () => {
  assert.deepEqual(set({}, 'plan=1000/day'), { plan: { allow: 1000, interval: 1, timeUnit: 'day' } });
  assert.deepEqual(set({}, 'plan=500/15minutes'), { plan: { allow: 500, interval: 15, timeUnit: 'minute' } });
  const plan = { allow: 1000, interval: 1, timeUnit: 'day' };
  assert.deepEqual(set({ plan }, 'plan.allow=5'), { plan: { ...plan, allow: 5 } });
  assert.deepEqual(set({ plan }, 'plan=none'), { plan: null });
  for (const text of ['plan=many', 'plan=5/year', 'plan=-5/day', 'plan=5', 'plan={'])
    assert.throws(() => set({}, text), { exit: 64 }, text);
});

test('a value that does not fit its field is a usage error', () => {
  for (const text of ['retries=many', 'public=perhaps', 'endpoints={', 'endsAt=soon', 'displayName+=x']) {
    assert.throws(() => set({ displayName: 'a' }, text), { exit: 64 }, text);
  }
});

test('a dotted path changes inside and keeps the rest; the whole top-level field is what is sent', () => {
  const config = { clientCredentialsIn: { header: true, body: false }, other: 1 };
  assert.deepEqual(set({ config }, 'config.clientCredentialsIn.body=true'), {
    config: { clientCredentialsIn: { header: true, body: true }, other: 1 },
  });
  assert.deepEqual(set({ urls: [{ url: 'a', weight: 1 }] }, 'urls.0.weight=3'), { urls: [{ url: 'a', weight: 3 }] });
});

test('+= adds once, -= takes away, several assignments build on each other', () => {
  assert.deepEqual(set({ tokenIn: ['header'] }, 'tokenIn+=query', 'tokenIn+=header', 'tokenIn-=header'), {
    tokenIn: ['query'],
  });
  assert.deepEqual(set({ scopes: [{ scope: 'a', default: true }] }, 'scopes+=b', 'scopes-=a'), {
    scopes: [{ scope: 'b' }],
  });
  assert.deepEqual(set({}, 'tokenIn+=query'), { tokenIn: ['query'] });
});
