import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { GatewayReport } from '#core/model/exchange-record';
import { ProblemError } from '#core/problem';
import { openTestManager, type TestManager } from '#test/support/manager-context';

async function withOrders(t: TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  await createHttp(manager, { displayName: 'Orders API', contextPath: '/orders' });
  return manager;
}

const createHttp = (manager: TestManager, body: object) =>
  manager.run('projects.create', { body: { kind: 'http', targetUrl: 'http://127.0.0.1:9', ...body } });
const deploy = (manager: TestManager, body: object = {}) =>
  manager.run('deployments.create', { body: { project: 'orders-api', serverGroup: 'local', ...body } });
const place = { project: 'orders-api', serverGroup: 'local' };

function problem(code: string, words: RegExp) {
  return (error: unknown) => error instanceof ProblemError && error.code === code && words.test(error.message);
}

/** What a gateway reports, as far as deployments look at it. */
function head(manager: TestManager, rest: Partial<GatewayReport>) {
  const {
    records: _,
    counts: __,
    dropped: ___,
    ...report
  }: GatewayReport = {
    ...{ gatewayId: 'gtw_1', name: 'local-1', serverGroup: 'local', address: 'http://127.0.0.1:8000', workers: 1 },
    ...{ softwareVersion: '0.1.0', startedAt: manager.clock.now(), epoch: '', seq: 0, state: 'ready', batchId: 'b' },
    ...{ refused: [], records: [], counts: [], dropped: [], secretsUsed: [] },
    ...rest,
  };
  return report;
}

test('a deployment freezes the draft; an unchanged draft is the same version again', async (t) => {
  const manager = await withOrders(t);
  await manager.run('serverGroups.create', { body: { displayName: 'Staging' } });
  const first = await deploy(manager);
  assert.deepEqual([first.version, first.state, first.kind], [1, 'live', 'deploy']);
  const elsewhere = await deploy(manager, { serverGroup: 'staging' });
  assert.equal(elsewhere.version, 1);
  assert.ok(elsewhere.seq > first.seq);
  await assert.rejects(deploy(manager), problem('nothing_to_deploy', /v1 already runs in Local/));
  await manager.run('projects.update', { params: { project: 'orders-api' }, body: { description: 'new' } });
  const second = await deploy(manager, { note: 'why' });
  assert.deepEqual([second.version, second.previousVersion, second.note], [2, 1, 'why']);
  const { items, total } = await manager.run('versions.list', { params: { project: 'orders-api' } });
  assert.equal(total, 2);
  assert.deepEqual(
    items.map(({ number, liveOn }: { number: number; liveOn: string[] }) => [number, liveOn]),
    [
      [2, ['local']],
      [1, ['staging']],
    ],
  );
  const v1 = await manager.run('versions.get', { params: { project: 'orders-api', number: 'v1' } });
  assert.equal(v1.snapshot.project.description, '', 'a version never changes');
});

test('an older version can be promoted, and a draft that went back is the version it was', async (t) => {
  const manager = await withOrders(t);
  await deploy(manager);
  await manager.run('projects.update', { params: { project: 'orders-api' }, body: { description: 'x' } });
  await deploy(manager);
  const promoted = await deploy(manager, { version: 1 });
  assert.equal(promoted.version, 1);
  const shown = await manager.run('deployments.list', { query: { project: 'orders-api' } });
  assert.deepEqual(
    shown.items.map(({ version, state }: { version: number; state: string }) => [version, state]),
    [
      [1, 'live'],
      [2, 'replaced'],
      [1, 'replaced'],
    ],
  );
  await assert.rejects(deploy(manager, { version: 9 }), problem('not_found', /no version v9/));
});

test('a dry run shows changes and checks, and changes nothing', async (t) => {
  const manager = await withOrders(t);
  const preview = await deploy(manager, { dryRun: true });
  assert.deepEqual([preview.diff.from, preview.diff.to, preview.version], ['nothing', 'draft', undefined]);
  assert.ok(preview.checks.every(({ ok }: { ok: boolean }) => ok));
  assert.deepEqual(
    preview.checks.map(({ name }: { name: string }) => name),
    [
      ...[
        'policies',
        'chains',
        'endpoints',
        'targets',
        'resources',
        'secured',
        'path',
        'variables',
        'token-store',
        'token-stores',
      ],
      ...['token-project', 'response-types', 'sign-in-origin', 'directories'],
    ],
  );
  assert.equal((await manager.run('deployments.list')).total, 0);
  assert.equal((await manager.run('versions.list', { params: { project: 'orders-api' } })).total, 0);
});

test('two projects cannot share a path and host on one server group', async (t) => {
  const manager = await withOrders(t);
  await deploy(manager);
  await createHttp(manager, { displayName: 'Legacy orders', contextPath: '/orders' });
  const legacy = { project: 'legacy-orders' };
  await assert.rejects(
    deploy(manager, legacy),
    (error) =>
      problem('deploy_path_taken', /Path \/orders is already served by “Orders API” in Local/)(error) &&
      (error as ProblemError).fixes.some(({ command }) => command === 'gatewright undeploy orders-api --on local'),
  );
  await manager.run('projects.update', { params: legacy, body: { hosts: ['legacy.test'] } });
  assert.equal((await deploy(manager, legacy)).state, 'live', 'a named host is another place');
});

test('what cannot work is refused before anything changes', async (t) => {
  const manager = await openTestManager(t);
  await createHttp(manager, { displayName: 'Orders API', contextPath: '/orders', secureWith: 'oauth' });
  const params = { project: 'orders-api' };
  await deploy(manager);
  await manager.run('resources.create', { params, body: { displayName: 'Open', path: '/open', target: 'default' } });
  const { items } = await manager.run('resources.list', { params });
  const open = items.find(({ name }: { name: string }) => name === 'open');
  assert.equal(open.endpoints.proxyRequest[0].policy, 'oauth-verify-access-token', 'a later resource gets the policy');
  await manager.run('resources.update', {
    params: { ...params, resource: 'open' },
    body: { endpoints: { proxyRequest: [], targetRequest: [], targetResponse: [], proxyResponse: [] } },
  });
  await assert.rejects(deploy(manager), problem('deploy_refused', /Resource Open lacks oauth-verify-access-token/));
  await manager.run('resources.update', { params: { ...params, resource: 'open' }, body: { public: true } });
  const deployed = await deploy(manager);
  assert.equal(deployed.version, 2);
});

test('a resource without target is refused unless a policy answers', async (t) => {
  const manager = await openTestManager(t);
  await manager.run('projects.create', { body: { kind: 'http', displayName: 'Orders API', contextPath: '/orders' } });
  const params = { project: 'orders-api' };
  await assert.rejects(deploy(manager), problem('deploy_refused', /DefaultResource has no target/));
  await manager.run('policies.create', { params, body: { type: 'mock-answer', displayName: 'Mock' } });
  await manager.run('projectEndpoints.replace', {
    params: { ...params, endpoint: 'proxyRequest' },
    body: { attachments: [{ policy: 'mock', enabled: true }] },
  });
  assert.equal((await deploy(manager)).version, 1);
});

test('a rollback places the version that ran before and leaves the draft alone; a second one goes further back', async (t) => {
  const manager = await withOrders(t);
  await deploy(manager);
  await assert.rejects(manager.run('deployments.rollback', { body: place }), problem('nothing_to_deploy', /before v1/));
  for (const description of ['two', 'three']) {
    await manager.run('projects.update', { params: { project: 'orders-api' }, body: { description } });
    await deploy(manager);
  }
  const preview = await manager.run('deployments.rollback', { body: { ...place, dryRun: true } });
  assert.deepEqual(
    [preview.from, preview.to, preview.changes.map(({ sentence }: { sentence: string }) => sentence)],
    ['v3', 'v2', ['Project: description three → two']],
  );
  const back = await manager.run('deployments.rollback', { body: { ...place, reason: 'broken' } });
  assert.deepEqual([back.version, back.kind, back.note, back.previousVersion], [2, 'rollback', 'broken', 3]);
  const further = await manager.run('deployments.rollback', { body: place });
  assert.equal(further.version, 1);
  const { items } = await manager.run('deployments.list', { query: { state: 'rolled-back' } });
  assert.deepEqual(
    items.map(({ version }: { version: number }) => version),
    [2, 3],
  );
  const draft = await manager.run('projects.get', { params: { project: 'orders-api' } });
  assert.equal(draft.description, 'three');
  const named = await manager.run('deployments.rollback', { body: { ...place, toVersion: 3 } });
  assert.equal(named.version, 3);
});

test('an undeployment leaves a tombstone in the feed and frees the path', async (t) => {
  const manager = await withOrders(t);
  const { serverGroupId, projectId } = await deploy(manager);
  const gone = await manager.run('deployments.undeploy', { body: place });
  assert.deepEqual([gone.kind, gone.state, gone.version], ['undeploy', 'undeployed', 1]);
  const entry = await manager.context.db.read
    .selectFrom('feed')
    .selectAll()
    .where('id', '=', `${serverGroupId}/${projectId}`)
    .executeTakeFirst();
  assert.deepEqual([entry?.payload, entry?.seq], [null, gone.seq]);
  await assert.rejects(manager.run('deployments.undeploy', { body: place }), problem('not_found', /does not run/));
  assert.equal((await deploy(manager)).version, 1);
});

test('progress tells of each gateway: waiting, running and when, refused and why, lost', async (t) => {
  const manager = await withOrders(t);
  const { gateways } = manager.context.services;
  const { epoch } = await manager.run('status.get');
  gateways.report(head(manager, { epoch, seq: 1 }));
  gateways.report(head(manager, { epoch, seq: 1, gatewayId: 'gtw_2', name: 'local-2' }));
  const { id, seq, serverGroupId, projectId } = await deploy(manager);
  const states = async () => {
    const shown = await manager.run('deployments.get', { params: { deployment: id } });
    return shown.gateways.map(({ state, afterMs, problem }: { state: string; afterMs?: number; problem?: string }) =>
      [state, afterMs ?? problem].filter((part) => part !== undefined).join(' '),
    );
  };
  assert.deepEqual(await states(), ['waiting', 'waiting']);
  manager.clock.advance(400);
  gateways.report(head(manager, { epoch, seq }));
  const refused = [{ id: `${serverGroupId}/${projectId}`, seq, problem: 'unknown policy type' }];
  gateways.report(head(manager, { epoch, seq: seq - 1, gatewayId: 'gtw_2', name: 'local-2', refused }));
  assert.deepEqual(await states(), ['running 400', 'refused unknown policy type']);
  const redone = await deploy(manager);
  assert.equal(redone.version, 1, 'what a gateway refused may be tried again unchanged');
  manager.clock.advance(6000);
  const later = await manager.run('deployments.get', { params: { deployment: redone.id } });
  assert.deepEqual(
    later.gateways.map(({ state }: { state: string }) => state),
    ['lost', 'lost'],
  );
  const { attention } = await manager.run('status.get');
  assert.match(attention[0].text, /Gateway local-1 was last heard of 6 s ago/);
});

test('the events of a deployment end when every gateway has settled, and can be asked for again', async (t) => {
  const manager = await withOrders(t);
  const { gateways } = manager.context.services;
  const { epoch } = await manager.run('status.get');
  gateways.report(head(manager, { epoch, seq: 1 }));
  const { id, seq } = await deploy(manager);
  const follow = async () => {
    const stream: AsyncIterable<Buffer> = await manager.run('deployments.events', { params: { deployment: id } });
    let text = '';
    for await (const chunk of stream) text += chunk;
    return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '').gateways[0].state);
  };
  const following = follow();
  setTimeout(() => gateways.report(head(manager, { epoch, seq })), 50);
  assert.deepEqual(await following, ['waiting', 'running']);
  assert.deepEqual(await follow(), ['running']);
});

test('the status says what runs where and which drafts differ', async (t) => {
  const manager = await withOrders(t);
  await deploy(manager);
  const params = { project: 'orders-api' };
  const project = async () => (await manager.run('status.get')).projects[0];
  assert.deepEqual(await project(), {
    ...{ name: 'orders-api', displayName: 'Orders API', draftChanged: false },
    live: [{ serverGroup: 'local', version: 1 }],
  });
  await manager.run('projects.update', { params, body: { description: 'x' } });
  assert.equal((await project()).draftChanged, true);
  const isNamed = async () =>
    (await manager.run('status.get')).attention.some(
      ({ command }: { command: string }) => command === 'gatewright diff orders-api --to local',
    );
  assert.equal(await isNamed(), false, 'a draft of today is work, not a worry');
  manager.clock.advance(8 * 86_400_000);
  assert.equal(await isNamed(), true);
  assert.equal((await manager.run('status.get')).counts.projects, 1);
  const shown = await manager.run('projects.diff', { params, query: { from: 'live:local' } });
  assert.deepEqual([shown.from, shown.to, shown.changes.length], ['v1', 'draft', 1]);
  await manager.run('projects.update', { params, body: { description: '' } });
  assert.equal((await project()).draftChanged, false, 'changed back is not changed');
});
