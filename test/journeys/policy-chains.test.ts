import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { deployAndWait, type Quickstart, quickstart } from '../support/quickstart.ts';
import { eventually, type System, startSystem } from '../support/system.ts';
import { postForm } from '../support/token.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

// docs/policy-chains.md, as it stands there: scopes of a token from a service, through a chain of policies.

const KEY = 'entitlements-key-1234567890';

let system: System;
let made: Quickstart;
let service: Upstream;
let folder: string;
let answer = { status: 200, body: JSON.stringify({ client: { scopes: ['orders:read', 'orders:write', 'admin'] } }) };

before(async () => {
  service = await startUpstream((_, response) => response.writeHead(answer.status).end(answer.body));
  folder = mkdtempSync(join(tmpdir(), 'gatewright-chains-'));
  system = await startSystem({ workers: 1, env: { GATEWRIGHT_OUTBOUND_ALLOW: `127.0.0.1:${service.port}` } });
  made = await quickstart(system, 'echo:');
  await system.run(0, 'group', 'set-variable', 'local', `entitlements=${service.url}`);
  const set = ['group', 'set-secret', 'local', 'entitlements-key', '--secret', '-'];
  assert.equal((await system.cli(set, { input: KEY })).code, 0);
});

after(async () => {
  await system[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** The files of the docs page, by their paths. */
function documented(): [path: string, text: string][] {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'policy-chains.md'), 'utf8');
  return [...page.matchAll(/`(projects\/\S+\.yaml)`\n\n```yaml\n([\s\S]*?)```/g)].map(([, path = '', text = '']) => [
    path,
    text,
  ]);
}

const ask = (scope?: string) =>
  postForm(made.tokenUrl, {
    grant_type: 'client_credentials',
    client_id: made.consumerKey,
    client_secret: made.consumerSecret,
    ...(scope !== undefined && { scope }),
  });

test('the files of the docs make it: scopes come from the service, cut by the script', async () => {
  const files = documented();
  assert.equal(files.length, 4);
  await system.run(0, 'export', '--dir', folder);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const applied = await system.run(0, 'apply', folder);
  assert.match(applied.stdout, /Policy chain “Scopes for token” \(ask-scopes, limit-scopes\) is new/);
  assert.match((await system.run(0, 'apply', folder)).stdout, /[Nn]othing/, 'the second time nothing changes');
  await deployAndWait(system, 'access-token');
  const all = await eventually('scopes of the service', async () => {
    const { body } = await ask();
    return body.scope === 'orders:read orders:write' ? body : undefined;
  });
  assert.ok(all.access_token !== undefined);
  const [seen] = service.seen.slice(-1);
  assert.equal(seen?.url, `/clients/${made.consumerKey}?asked=`);
  assert.equal(seen?.headers.authorization, `Bearer ${KEY}`);
  assert.equal((await ask('orders:read admin')).body.scope, 'orders:read');
  assert.equal(service.seen.at(-1)?.url, `/clients/${made.consumerKey}?asked=orders%3Aread%20admin`);
  assert.equal((await ask('admin')).body.error, 'invalid_scope');
});

test('the export holds the chain, and the command line changes it', async () => {
  await system.run(0, 'export', '--dir', join(folder, 'out'));
  const file = readFileSync(join(folder, 'out/projects/access-token/policy-chains/scopes-for-token.yaml'), 'utf8');
  assert.match(file, /policy: ask-scopes/);
  assert.match((await system.run(0, 'policy-chain', 'list', 'access-token')).stdout, /ask-scopes limit-scopes/);
  await system.run(0, 'policy-chain', 'set', 'access-token/scopes-for-token', 'policies-=limit-scopes');
  assert.match((await system.run(2, 'diff', 'access-token')).stdout, /policies ask-scopes, limit-scopes → ask-scopes/);
  await system.run(0, 'policy-chain', 'set', 'access-token/scopes-for-token', 'policies+=limit-scopes');
});

test('when the service fails the client is told to try later, and why names the policy of the chain', async () => {
  answer = { status: 500, body: 'secret of the service' };
  const { status, headers, body } = await ask();
  assert.deepEqual([status, body.error], [502, 'temporarily_unavailable']);
  const id = headers.get('x-request-id') ?? '';
  const why = await eventually('explained', async () => {
    const found = await system.api<{
      code: string;
      policy: string;
      sentence: string;
      fixes: { link?: string }[];
      record: { policies: { policy: string; chain?: string; outcome: string }[] };
    }>('GET', `/requests/${id}/why`);
    return found.status === 200 ? found.body : undefined;
  });
  assert.deepEqual([why.code, why.policy], ['callout_failed', 'ask-scopes']);
  assert.match(why.sentence, /ask-scopes called 127\.0\.0\.1:\d+ and got no usable answer: it answered 500/);
  assert.ok(why.fixes.some(({ link }) => link?.startsWith('/projects/access-token/policies/ask-scopes')));
  assert.deepEqual(
    why.record.policies.map(({ policy, chain, outcome }) => [policy, chain, outcome]),
    [
      ['oauth-token-endpoint', undefined, 'stopped'],
      ['ask-scopes', 'scopes-for-token', 'stopped'],
    ],
  );
  assert.doesNotMatch(JSON.stringify(why), new RegExp(`${KEY}|secret of the service`));
});

test('a script that fails is told by its line', async () => {
  answer = { status: 200, body: JSON.stringify({ client: { scopes: null } }) };
  const { status, headers } = await ask();
  assert.equal(status, 500);
  const why = await eventually('explained', async () => {
    const found = await system.api<{ code: string; policy: string; sentence: string }>(
      'GET',
      `/requests/${headers.get('x-request-id')}/why`,
    );
    return found.status === 200 ? found.body : undefined;
  });
  assert.deepEqual([why.code, why.policy], ['policy_error', 'limit-scopes']);
  assert.match(why.sentence, /TypeError: cannot read property 'filter' of null, in line 1/);
});
