import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RoleGrant } from '#core/model/role';
import { openTestManager, type TestManager } from '#test/support/manager-context';

const DAY_MS = 86_400_000;
const VIEWER: readonly RoleGrant[] = [{ role: 'viewer' }];

/** A token end point and a secured API, both in a product that a client is subscribed to with a key. */
async function withShop(t: TestContext): Promise<TestManager> {
  const manager = await openTestManager(t);
  await manager.run('projects.create', {
    body: { displayName: 'AccessToken', kind: 'oauth-token-endpoint', contextPath: '/token' },
  });
  await manager.run('projects.create', { body: http('Orders API', { secureWith: 'oauth' }) });
  await manager.run('products.create', { body: { displayName: 'Shop', projects: ['orders-api'] } });
  await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  await manager.run('subscriptions.create', { body: { name: 'mobile', client: 'mobile-shop', product: 'shop' } });
  return manager;
}

const http = (displayName: string, more: object = {}) => ({
  ...{ displayName, kind: 'http', targetUrl: 'http://127.0.0.1:9', ...more },
  contextPath: `/${displayName.toLowerCase().replaceAll(' ', '-')}`,
});
const deploy = (manager: TestManager, project: string, serverGroup = 'local') =>
  manager.run('deployments.create', { body: { project, serverGroup } });
const describeProject = (manager: TestManager, project: string, description: string) =>
  manager.run('projects.update', { params: { project }, body: { description } });

test('the first steps are ticked by what is there', async (t) => {
  const manager = await openTestManager(t);
  const done = async () =>
    (await manager.run('overview.dashboard')).firstSteps.flatMap((step: { id: string; done: boolean }) =>
      step.done ? [step.id] : [],
    );
  assert.deepEqual(await done(), []);
  await manager.run('projects.create', {
    body: { displayName: 'AccessToken', kind: 'oauth-token-endpoint', contextPath: '/token' },
  });
  assert.deepEqual(await done(), ['token-endpoint']);
  await manager.run('projects.create', { body: http('Orders API', { secureWith: 'oauth' }) });
  await deploy(manager, 'access-token');
  assert.deepEqual(await done(), ['token-endpoint', 'protected-api'], 'one of the two is not deployed');
  await manager.run('serverGroups.create', { body: { displayName: 'Staging' } });
  await deploy(manager, 'orders-api', 'staging');
  assert.deepEqual(await done(), ['token-endpoint', 'protected-api'], 'not on one server group');
  await deploy(manager, 'orders-api');
  assert.deepEqual(await done(), ['token-endpoint', 'protected-api', 'deployed']);
  await manager.run('products.create', { body: { displayName: 'Shop', projects: ['orders-api'] } });
  await manager.run('clients.create', { body: { displayName: 'Mobile shop' } });
  await manager.run('subscriptions.create', { body: { name: 'mobile', client: 'mobile-shop', product: 'shop' } });
  await manager.run('keys.create', { params: { subscription: 'mobile' } });
  assert.deepEqual(await done(), ['token-endpoint', 'protected-api', 'deployed', 'registered', 'keys']);
});

test('a project tells where it runs, what changed since, who offers it and how it is called', async (t) => {
  const manager = await withShop(t);
  await manager.run('serverGroups.update', {
    params: { group: 'local' },
    body: { publicUrl: 'https://api.example.com' },
  });
  await deploy(manager, 'access-token');
  await deploy(manager, 'orders-api');
  const { consumerKey } = await manager.run('keys.create', { params: { subscription: 'mobile' } });
  const show = () => manager.run('overview.project', { params: { project: 'orders-api' } });
  const fresh = await show();
  assert.deepEqual([fresh.draftChanges, fresh.newestVersion, fresh.live[0].version], [0, 1, 1]);
  assert.deepEqual(fresh.products, [{ name: 'shop', displayName: 'Shop' }]);
  assert.deepEqual(
    fresh.urls.map(({ url, isLive }: { url: string; isLive: boolean }) => [url, isLive]),
    [['https://api.example.com/orders-api', true]],
  );
  assert.equal(fresh.tokenUrls[0].url, 'https://api.example.com/token');
  assert.equal(fresh.consumerKey, consumerKey);
  assert.deepEqual(fresh.places, [
    {
      ...{ policy: 'oauth-verify-access-token', endpoint: 'proxyRequest', enabled: true },
      ...{ resource: 'default-resource', resourceDisplayName: 'DefaultResource' },
    },
  ]);
  await describeProject(manager, 'orders-api', 'new');
  await manager.run('projects.update', { params: { project: 'orders-api' }, body: { contextPath: '/moved' } });
  const changed = await show();
  assert.equal(changed.draftChanges, 2);
  assert.equal(changed.urls[0].url, 'https://api.example.com/orders-api', 'what runs has not moved');
});

test('a draft differs from what was placed last, and no more once it is changed back', async (t) => {
  const manager = await withShop(t);
  await deploy(manager, 'orders-api');
  await describeProject(manager, 'orders-api', 'v2');
  await deploy(manager, 'orders-api');
  const row = async () => (await manager.run('overview.projects', { query: { q: 'orders' } })).items[0];
  assert.equal((await row()).draftChanged, false);
  const back = await manager.run('deployments.rollback', { body: { project: 'orders-api', serverGroup: 'local' } });
  const rolledBack = await row();
  assert.deepEqual(rolledBack.live[0], {
    ...{ serverGroup: 'local', serverGroupDisplayName: 'Local', version: 1, rolledBackFrom: 2 },
    ...{ since: back.createdAt, deploymentId: back.id },
  });
  assert.equal(rolledBack.draftChanged, true, 'the draft still says what v2 says');
  await describeProject(manager, 'orders-api', '');
  assert.equal((await row()).draftChanged, false);
});

test('who may not read keys sees none, and everything else', async (t) => {
  const manager = await withShop(t);
  await manager.run('keys.create', { params: { subscription: 'mobile' } });
  const ask = (id: string, params: object, grants?: readonly RoleGrant[]) =>
    manager.run(id, { params, ...(grants !== undefined && { grants }) });
  const client = { client: 'mobile-shop' };
  const subscription = { subscription: 'mobile' };
  assert.equal((await ask('overview.client', client)).keys[0].secrets.length, 1);
  assert.equal((await ask('overview.subscription', subscription)).keys.secrets.length, 1);
  const seen = await ask('overview.client', client, VIEWER);
  assert.deepEqual([seen.keys, seen.subscriptions.length], [[], 1]);
  const alsoSeen = await ask('overview.subscription', subscription, VIEWER);
  assert.deepEqual([alsoSeen.keys.secrets, alsoSeen.secretUses], [[], {}]);
  assert.doesNotMatch(JSON.stringify([seen, alsoSeen]), /"hint"/);
});

test('a Releaser of one server group may choose that one', async (t) => {
  const manager = await withShop(t);
  await manager.run('serverGroups.create', { body: { displayName: 'Production' } });
  const { serverGroups } = await manager.run('overview.deployChoices', {
    params: { project: 'orders-api' },
    grants: [{ role: 'releaser', serverGroup: 'production' }],
  });
  assert.deepEqual(
    serverGroups.map(({ name, isAllowed }: { name: string; isAllowed: boolean }) => [name, isAllowed]),
    [
      ['local', false],
      ['production', true],
    ],
  );
});

test('a product says which of its projects anybody may call', async (t) => {
  const manager = await withShop(t);
  await manager.run('projects.create', { body: http('Open API') });
  await manager.run('projects.create', { body: http('Guarded API') });
  const project = { project: 'guarded-api' };
  await manager.run('policies.create', { params: project, body: { type: 'oauth-verify-access-token' } });
  const projects = ['orders-api', 'open-api', 'guarded-api', 'access-token'];
  await manager.run('products.update', { params: { product: 'shop' }, body: { projects } });
  const secured = async () =>
    (await manager.run('overview.product', { params: { product: 'shop' } })).projects.flatMap(
      ({ name, isSecured }: { name: string; isSecured: boolean }) => (isSecured ? [name] : []),
    );
  assert.deepEqual(
    await secured(),
    ['orders-api', 'access-token'],
    'a policy that is nowhere attached secures nothing',
  );
  const attach = (enabled: boolean) =>
    manager.run('resources.update', {
      params: { ...project, resource: 'default-resource' },
      body: {
        endpoints: {
          ...{ targetRequest: [], targetResponse: [], proxyResponse: [] },
          proxyRequest: [{ policy: 'oauth-verify-access-token', enabled }],
        },
      },
    });
  await attach(false);
  assert.deepEqual(await secured(), ['orders-api', 'access-token'], 'nor one that is off');
  await attach(true);
  assert.deepEqual(await secured(), ['orders-api', 'guarded-api', 'access-token']);
  await manager.run('resources.create', { params: project, body: { displayName: 'More', path: '/more' } });
  assert.deepEqual(await secured(), ['orders-api', 'access-token'], 'nor one that leaves a resource out');
});

test('attention is bounded: of each kind twenty, and how many more there are', async (t) => {
  const manager = await withShop(t);
  await deploy(manager, 'orders-api');
  for (let i = 0; i < 25; i += 1) {
    manager.clock.advance(1000);
    await manager.run('projects.create', { body: http(`Project ${i}`) });
    await deploy(manager, `project-${i}`);
    await describeProject(manager, `project-${i}`, 'changed');
  }
  const texts = async (): Promise<string[]> =>
    (await manager.run('overview.header')).attention.map(({ text }: { text: string }) => text);
  assert.ok(!(await texts()).some((text) => /not deployed/.test(text)), 'a draft of today is work, not a worry');
  manager.clock.advance(8 * DAY_MS);
  const drafts = (await texts()).filter((text) => /not deployed/.test(text));
  assert.equal(drafts.length, 21);
  assert.match(drafts[0] ?? '', /^Project 0 has changes that are not deployed, the newest 8 d(?:ays)? old\.$/);
  assert.equal(drafts.at(-1), '5 more projects have changes that are not deployed.');
});

test('a secret that ends soon is told of unless a newer one is in use', async (t) => {
  const manager = await withShop(t);
  const params = { subscription: 'mobile' };
  await manager.run('keys.create', { params, body: { name: 'a', endsAt: manager.clock.now() + 3 * DAY_MS } });
  const secrets = async () => {
    manager.clock.advance(31_000);
    const { attention } = await manager.run('overview.header');
    return attention.filter(({ text }: { text: string }) => /^Secret/.test(text));
  };
  const [alone] = await secrets();
  assert.match(alone.text, /^Secret a of Mobile shop ends in .*there is no newer one\.$/);
  assert.equal(alone.link, '/subscriptions/mobile');
  await manager.run('keys.create', { params, body: { name: 'b' } });
  assert.deepEqual(await secrets(), []);
  await manager.context.db.write
    .updateTable('secrets')
    .set({ last_used_at: manager.clock.now() })
    .where('name', '=', 'a')
    .execute();
  assert.match((await secrets())[0].text, /the client still uses it\.$/);
});
