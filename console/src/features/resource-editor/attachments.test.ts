import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints } from '#core/model/endpoint';
import { attach, detach, move, placeOf, turn } from './attachments.ts';

const on = (policy: string) => ({ policy, enabled: true });
const flow: Endpoints = {
  proxyRequest: [on('a'), on('b'), on('c')],
  targetRequest: [on('d')],
  targetResponse: [],
  proxyResponse: [],
};
const names = (endpoints: Endpoints, phase: keyof Endpoints) => endpoints[phase].map(({ policy }) => policy).join('');

test('a policy is attached where it is said, or last', () => {
  assert.equal(names(attach(flow, on('x'), { phase: 'proxyRequest', index: 1 }), 'proxyRequest'), 'axbc');
  assert.equal(names(attach(flow, on('x'), { phase: 'targetRequest' }), 'targetRequest'), 'dx');
});

test('a move ends at its index, in the same endpoint and in another', () => {
  const down = move(flow, { phase: 'proxyRequest', index: 0 }, { phase: 'proxyRequest', index: 2 });
  assert.equal(names(down, 'proxyRequest'), 'bca');
  const across = move(flow, { phase: 'proxyRequest', index: 1 }, { phase: 'targetRequest', index: 0 });
  assert.equal(names(across, 'proxyRequest'), 'ac');
  assert.equal(names(across, 'targetRequest'), 'bd');
});

test('detaching and attaching at the same place gives back what was', () => {
  const place = { phase: 'proxyRequest', index: 1 } as const;
  assert.deepEqual(attach(detach(flow, place), on('b'), place), flow);
});

test('turning a policy off changes it only there', () => {
  const off = turn(flow, { phase: 'proxyRequest', index: 1 }, false);
  assert.deepEqual(off.proxyRequest[1], { policy: 'b', enabled: false });
  assert.deepEqual(off.proxyRequest[0], on('a'));
  assert.deepEqual(placeOf(off, 'proxyRequest', 'b'), { phase: 'proxyRequest', index: 1 });
  assert.equal(placeOf(off, 'targetRequest', 'b'), undefined);
});
