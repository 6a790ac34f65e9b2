import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BOOTSTRAP_TOKEN, startTestManager } from '#test/support/running-manager';
import { run } from '../run.ts';

test('policy profile shows what a profile changes, asks, sets it, and tells of authorization end points', async (t) => {
  const manager = await startTestManager(t);
  const gatewright = async (...argv: string[]) => {
    const [stdout, stderr]: [string[], string[]] = [[], []];
    const exit = await run(argv, {
      env: { GATEWRIGHT_SERVER: manager.address, GATEWRIGHT_TOKEN: BOOTSTRAP_TOKEN },
      stdout: { write: (text) => stdout.push(text) },
      stderr: { write: (text) => stderr.push(text) },
      isTty: false,
      columns: 100,
    });
    return { exit, stdout: stdout.join(''), stderr: stderr.join('') };
  };
  const token = { displayName: 'Access token', kind: 'oauth-token-endpoint', contextPath: '/token' };
  await manager.call('POST /projects', { body: token });
  const pages = { displayName: 'Sign in', kind: 'oauth-authorization-endpoint', contextPath: '/authorize' };
  await manager.call('POST /projects', { body: pages });
  const place = 'access-token/oauth-token-endpoint';
  await gatewright('policy', 'set', place, 'clientCredentialsIn.query=true', 'accessTokenExpiryMs=120000');
  await gatewright('policy', 'set', 'sign-in/oauth-authorization-endpoint', 'requirePkce=public');
  const settings = async () => (await manager.call('GET /projects/access-token/policies/oauth-token-endpoint')).body;
  const before = await settings();

  const dry = await gatewright('policy', 'profile', place, 'bcp', '--dry-run');
  assert.equal(dry.exit, 2, dry.stderr);
  assert.match(
    dry.stdout,
    /clientCredentialsIn\.query: true → false {2}A secret in the query .* \(RFC 6749 §2\.3\.1\)/,
  );
  assert.match(dry.stdout, /gatewright policy profile sign-in\/oauth-authorization-endpoint bcp/);
  const unasked = await gatewright('policy', 'profile', place, 'bcp');
  assert.equal(unasked.exit, 64);
  assert.match(unasked.stderr, /1 setting of access-token\/oauth-token-endpoint will be set so\. Add --yes\./);
  assert.equal((await gatewright('policy', 'profile', place, 'evil\u001b[2J', '--yes')).exit, 64);
  assert.deepEqual(await settings(), before);

  const done = await gatewright('policy', 'profile', place, 'bcp', '--yes');
  assert.equal(done.exit, 0, done.stderr);
  assert.match(done.stdout, /access-token\/oauth-token-endpoint is as the profile bcp has it\.\n$/);
  const { config } = await settings();
  assert.deepEqual(
    [config.profile, config.clientCredentialsIn.query, config.accessTokenExpiryMs],
    ['bcp', false, 120_000],
  );

  const shown = await gatewright('policy', 'profile', place, '--json');
  assert.equal(shown.exit, 0);
  const { profile, changes, others } = JSON.parse(shown.stdout);
  assert.deepEqual([profile, changes, others.length, others[0].changes[0].pointer], ['bcp', [], 1, '/requirePkce']);
  assert.equal((await gatewright('policy', 'profile', 'sign-in/oauth-authorization-endpoint', 'bcp', '--yes')).exit, 0);
  assert.deepEqual(JSON.parse((await gatewright('policy', 'profile', place, '--json')).stdout).others, []);
});
