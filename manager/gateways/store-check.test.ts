import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gateway } from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import { openTestManager } from '#test/support/manager-context';
import { findUnsharedStore } from './store-check.ts';

const file = { kind: 'sqlite', place: '/data/tokens.db' };

function gateway(name: string, machine: string, rest: Partial<Gateway> = {}): Gateway {
  return {
    ...{
      id: name,
      name,
      serverGroup: 'local',
      address: '',
      softwareVersion: '',
      epoch: '',
      seq: 1,
      lag: 0,
      workers: 1,
    },
    ...{ state: 'ready', lastSeenAt: 0, startedAt: 0, machine, tokenStore: file },
    ...rest,
  };
}

test('gateways on one machine with one file share it', () => {
  assert.equal(findUnsharedStore([gateway('a', 'm1'), gateway('b', 'm1')]), undefined);
  assert.equal(findUnsharedStore([gateway('a', 'm1')]), undefined);
  assert.equal(findUnsharedStore([]), undefined);
});

test('gateways on two machines, with two files, or each with its memory do not', () => {
  const apart = findUnsharedStore([gateway('a', 'm1'), gateway('b', 'm2')]);
  assert.match(apart?.sentence ?? '', /a and b are on different machines/);
  const files = [gateway('a', 'm1'), gateway('b', 'm1', { tokenStore: { kind: 'sqlite', place: '/other.db' } })];
  assert.match(findUnsharedStore(files)?.sentence ?? '', /do not use the same token store/);
  const memory = { kind: 'memory', place: '' };
  const two = [gateway('a', 'm1', { tokenStore: memory }), gateway('b', 'm1', { tokenStore: memory })];
  assert.deepEqual(findUnsharedStore(two)?.gateways, ['a', 'b']);
});

test('one that is lost counts, since it may come back; one that ends does not, one told to drain does', () => {
  assert.ok(findUnsharedStore([gateway('a', 'm1'), gateway('b', 'm2', { state: 'lost' })]));
  assert.equal(findUnsharedStore([gateway('a', 'm1'), gateway('b', 'm2', { state: 'draining' })]), undefined);
  assert.ok(findUnsharedStore([gateway('a', 'm1'), gateway('b', 'm2', { state: 'draining', isDrainWanted: true })]));
});

test('a project that uses tokens is not deployed to gateways on two hosts, another is', async (t) => {
  const manager = await openTestManager(t);
  const said = {
    epoch: '',
    seq: 0,
    state: 'ready',
    workers: 1,
    softwareVersion: '',
    startedAt: 0,
    address: '',
  } as const;
  for (const [name, machine] of [
    ['a', 'm1'],
    ['b', 'm2'],
  ] as const)
    manager.context.services.gateways.report({
      ...said,
      ...{ gatewayId: `gtw_${name}`, name, serverGroup: 'local', machine, tokenStore: file },
      ...{ refused: [], batchId: 'b1', secretsUsed: [] },
    });
  await manager.run('projects.create', {
    body: { displayName: 'Plain', kind: 'http', contextPath: '/plain', targetUrl: 'echo:' },
  });
  await manager.run('projects.create', {
    body: { displayName: 'Secured', kind: 'http', contextPath: '/secured', targetUrl: 'echo:', secureWith: 'oauth' },
  });
  const deploy = (project: string) => manager.run('deployments.create', { body: { project, serverGroup: 'local' } });
  await deploy('plain');
  await assert.rejects(deploy('secured'), (error) => {
    assert.ok(error instanceof ProblemError);
    assert.equal(error.code, 'store_not_shared');
    assert.equal(error.status, 409);
    assert.match(error.message, /a and b are on different machines/);
    assert.match(error.fixes.map(({ text }) => text).join(), /GATEWRIGHT_TOKEN_STORE_URL/);
    return true;
  });
  manager.context.services.gateways.forget('gtw_b');
  await deploy('secured');
});
