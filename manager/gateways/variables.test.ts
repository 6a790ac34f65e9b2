import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FeedGroupVariables, FeedTokenKeys } from '#core/change-feed';
import { groupVariableContext } from '#core/change-feed';
import { ProblemError } from '#core/problem';
import { systemRandom } from '#core/random';
import { createLetterKey, openLetter } from '#core/sealed-letter';
import { SealError, SecretBox } from '#core/secret-box';
import { openTestManager, type TestManager } from '#test/support/manager-context';
import { readFeed } from '../feed/read.ts';
import { createTokenKeys, tokenKeyContext } from '../token-tag-keys.ts';
import { type Actor, change } from '../unit-of-work.ts';
import { lettersFor } from './letters.ts';
import { resealVariables, valuesOf } from './variables.ts';

const selector = (text: string) => `\u0024{${text}}`;
const group = 'local';
const systemActor: Actor = { name: 'x', via: 'system', operation: 'x', keyId: undefined, requestId: undefined };

async function put(manager: TestManager, name: string, body: object) {
  return manager.run('groupVariables.put', { params: { group, name }, body });
}

async function makeProject(manager: TestManager, value: string) {
  await manager.run('projects.create', {
    body: { displayName: 'Plain', kind: 'http', contextPath: '/plain', targetUrl: 'echo:' },
  });
  await manager.run('policies.create', {
    params: { project: 'plain' },
    body: { type: 'headers', displayName: 'Headers', config: { remove: [value] } },
  });
}

const deploy = (manager: TestManager) =>
  manager.run('deployments.create', { body: { project: 'plain', serverGroup: group } });

const problem = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ProblemError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

test('a secret is written and never read: not in answers, lists, audit, diff or the feed', async (t) => {
  const manager = await openTestManager(t);
  const made = await put(manager, 'backend-key', { value: 's3cret-value', secret: true });
  assert.deepEqual([made.value, made.selector], [undefined, selector('secrets.backend-key')]);
  await put(manager, 'region', { value: 'eu-1' });
  const list = await manager.run('groupVariables.list', { params: { group } });
  assert.deepEqual(
    list.items.map(({ name, value, secret }: Record<string, unknown>) => [name, value, secret]),
    [
      ['backend-key', undefined, true],
      ['region', 'eu-1', false],
    ],
  );
  await makeProject(manager, selector('secrets.backend-key'));
  await deploy(manager);
  const { read } = manager.context.db;
  const tables = await Promise.all(
    (['audit', 'feed', 'versions', 'group_variables', 'policies'] as const).map((table) =>
      read.selectFrom(table).selectAll().execute(),
    ),
  );
  assert.ok(!JSON.stringify(tables).includes('s3cret-value'));
  const version = await manager.run('versions.get', { params: { project: 'plain', number: '1' } });
  assert.ok(JSON.stringify(version).includes('secrets.backend-key'));
});

test('what the feed carries of secrets opens with the key of the gateway that reads, and with no other', async (t) => {
  const manager = await openTestManager(t);
  await put(manager, 'backend-key', { value: 's3cret-value', secret: true });
  const box = manager.context.masterKeys.secretBox();
  await change(manager.context, systemActor, async (unit) => {
    await createTokenKeys(unit, box, systemRandom);
    unit.audit({ objectKind: 'x', objectId: 'x', objectName: 'x', sentence: 'x' });
  });
  const [key, other] = [createLetterKey(), createLetterKey()];
  const { entries } = await readFeed(manager.context.db.read, { since: 0, limit: 100 });
  const rewrite = lettersFor(manager.context, key.publicKey);
  const sent = entries.flatMap((entry) => rewrite(entry) ?? []);
  const variables = sent.find(({ kind }) => kind === 'group-variables')?.payload as FeedGroupVariables;
  const letter = variables.secrets['backend-key'] ?? '';
  const context = groupVariableContext(variables.id, 'backend-key');
  assert.equal(openLetter(letter, { key, context }).toString(), 's3cret-value');
  assert.throws(() => openLetter(letter, { key: other, context }), SealError);
  const tags = sent.find(({ kind }) => kind === 'token-keys')?.payload as FeedTokenKeys;
  assert.equal(openLetter(tags.currentSealed, { key, context: tokenKeyContext('current') }).length, 32);
  const old = entries.flatMap((entry) => lettersFor(manager.context, undefined)(entry) ?? []);
  assert.ok(!old.some(({ kind }) => kind === 'group-variables'), 'a gateway without a key gets none');
});

test('an unknown variable refuses the deployment, and is named', async (t) => {
  const manager = await openTestManager(t);
  await makeProject(manager, selector('variables.region'));
  await assert.rejects(
    deploy(manager),
    problem('deploy_refused', /\$\{variables\.region\}.*Local has no such variable/),
  );
  await put(manager, 'region', { value: 'x', secret: true });
  await assert.rejects(deploy(manager), problem('deploy_refused', /\$\{variables\.region\}/));
  await put(manager, 'region', { value: 'x' });
  await deploy(manager);
});

test('a variable that is in use stays, and keeps a value that its policies take', async (t) => {
  const manager = await openTestManager(t);
  await put(manager, 'region', { value: 'eu-1' });
  await put(manager, 'unused', { value: 'x' });
  await makeProject(manager, selector('variables.region'));
  await deploy(manager);
  const remove = (name: string) => manager.run('groupVariables.delete', { params: { group, name } });
  await assert.rejects(remove('region'), problem('in_use', /Plain, deployed on Local/));
  await assert.rejects(put(manager, 'region', { value: 'x', secret: true }), problem('in_use', /Plain/));
  await put(manager, 'region', { value: 'us-9' });
  await remove('unused');
});

test('secrets are sealed anew with a new master key, and open with it alone', async (t) => {
  const manager = await openTestManager(t);
  await put(manager, 'backend-key', { value: 's3cret-value', secret: true });
  const keys = [2, 1].map((n) => ({ id: `k${n}`, key: Buffer.alloc(32, n) }));
  const count = await change(manager.context, systemActor, async (unit) => {
    unit.audit({ objectKind: 'x', objectId: 'x', objectName: 'x', sentence: 'x' });
    return resealVariables(unit, new SecretBox(keys, systemRandom));
  });
  assert.equal(count, 1);
  const rows = await manager.context.db.read.selectFrom('group_variables').selectAll().execute();
  const values = valuesOf(rows, new SecretBox(keys.slice(0, 1), systemRandom));
  assert.deepEqual([...values], [[selector('secrets.backend-key'), 's3cret-value']]);
});

test('a value does not nest selectors', async (t) => {
  const manager = await openTestManager(t);
  await assert.rejects(put(manager, 'region', { value: selector('secrets.x') }), /selectors do not nest/);
});
