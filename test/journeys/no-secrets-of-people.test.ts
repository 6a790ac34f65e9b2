import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { listDescribed } from '../support/operations.ts';
import { ask, signInAs } from '../support/person.ts';
import { quickstart } from '../support/quickstart.ts';
import { type System, startSystem } from '../support/system.ts';

// Everything that lets somebody be somebody, used once, and then looked for wherever something is written or answered. Tokens and consumer
// secrets of clients are in no-secrets.test.ts.

const ANNA = { name: 'anna', password: 'a calm sea and prosperous voyage' };
const BEN = { name: 'ben', password: 'ships in the night, passing' };

/** Makes and uses every kind of secret that people and gateways have; by what it is. */
async function useThemAll(system: System): Promise<Map<string, string>> {
  const secrets = new Map<string, string>();
  const keep = (what: string, value: string | undefined): string => {
    assert.ok(value !== undefined && value.length >= 6, `${what}: ${value}`);
    secrets.set(what, value);
    return value;
  };
  const send = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const answer = await ask(system, method, `/api/v1${path}`, { body, headers: { 'if-match': '*', ...headers } });
    return { status: answer.status, text: answer.text, body: (answer.text === '' ? {} : JSON.parse(answer.text)) as T };
  };
  const sessionOf = async (what: string, given: { name: string; password: string }) => {
    const person = await signInAs(system, given);
    keep(`session of ${what}`, person.cookie.split('=')[1]);
    keep(`CSRF token of ${what}`, person.csrfToken);
    return person;
  };
  keep('setup token', system.setup?.split('/').at(-1));
  const begun = await send('POST', '/setup', { token: secrets.get('setup token'), ...ANNA, teamName: 'Harbour' });
  assert.equal(begun.status, 201, begun.text);
  keep('password of the first administrator', ANNA.password);
  keep('password that was chosen', BEN.password);
  const anna = await sessionOf('anna', ANNA);

  await send('POST', '/users', { name: 'ben', roles: [{ role: 'admin' }] }, anna.headers);
  const link = await send<{ link: string }>('POST', '/users/ben/password-link', {}, anna.headers);
  const token = keep('password link', link.body.link.split('/').at(-1));
  assert.equal((await send('POST', '/password', { token: `${token}x`, password: BEN.password })).status, 403);
  assert.equal((await send('POST', '/password', { token, password: BEN.password })).status, 204);

  const ben = await sessionOf('ben', BEN);
  const factor = await send<{ secret: string }>(
    'POST',
    '/session/second-factor',
    { password: BEN.password },
    ben.headers,
  );
  const secret = keep('TOTP secret', factor.body.secret);
  const codeOf = (timestamp: number) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
  const done = await send<{ recoveryCodes: string[] }>(
    'POST',
    '/session/second-factor/confirm',
    { code: codeOf(Date.now()) },
    ben.headers,
  );
  const [first, second] = done.body.recoveryCodes;
  keep('recovery code', first);
  const entered = await ask(system, 'POST', '/api/v1/session', {
    body: { ...BEN, code: keep('used recovery code', second) },
  });
  assert.equal(entered.status, 201, entered.text);
  keep('session after a recovery code', entered.headers['set-cookie']?.[0]?.split(';')[0]?.split('=')[1]);

  for (const owner of ['self', 'machine']) {
    const body = { displayName: `Key ${owner}`, roles: [{ role: 'viewer' }], owner };
    const { key } = (await send<{ key: string }>('POST', '/management-keys', body, anna.headers)).body;
    keep(`management key, ${owner}`, key);
    assert.equal((await send('GET', '/status', undefined, { authorization: `Bearer ${key}` })).status, 200);
  }
  const provider = { displayName: 'Harbour ID', issuer: 'https://id.example', clientId: 'a' };
  await send(
    'POST',
    '/identity-providers',
    { ...provider, clientSecret: keep('client secret of a provider', 'idp-secret-0123456789') },
    anna.headers,
  );
  await send(
    'PATCH',
    '/identity-providers/harbour-id',
    { clientSecret: keep('its next client secret', 'idp-secret-9876543210') },
    anna.headers,
  );
  const variable = { value: keep('secret of a server group', 'group-secret-0123456789'), secret: true };
  assert.equal((await send('PUT', '/server-groups/local/variables/backend-key', variable, anna.headers)).status, 200);
  const joined = await send<{ token: string }>('POST', '/server-groups/local/join-tokens', {}, anna.headers);
  keep('join token', joined.body.token);

  // And in every wrong place.
  for (const [what, value] of secrets) {
    await ask(system, 'GET', `/api/v1/projects/${encodeURIComponent(value)}?q=${encodeURIComponent(value)}`, {
      headers: anna.headers,
    });
    await ask(system, 'GET', '/api/v1/status', {
      headers: { authorization: `Bearer ${value}`, 'x-request-id': value },
      from: '127.0.0.8',
    });
    await ask(system, 'POST', '/api/v1/session', { body: { name: value, password: value }, from: '127.0.0.8' });
    await ask(system, 'POST', '/api/v1/setup', { body: { token: value, name: what } });
    // What a person made up looks like any word of a path.
    if (!/^(?:gw\w_)?[0-9A-Za-z]{40,}$/.test(value)) continue;
    await fetch(`${system.gateway}/orders/${encodeURIComponent(value)}?x=${encodeURIComponent(value)}`, {
      headers: { authorization: `Bearer ${value}` },
    }).then((answer) => answer.arrayBuffer());
  }
  const { csrfToken } = await signInAs(system, ANNA, { from: '127.0.0.6' });
  assert.ok(csrfToken !== secrets.get('CSRF token of anna'));
  const left = await ask(system, 'DELETE', '/api/v1/session', { headers: anna.headers });
  assert.equal(left.status, 204);
  return secrets;
}

/** Fails when a secret stands in some bytes, as it is or as the base64 or hex of it. */
function search(secrets: ReadonlyMap<string, string>, place: string, bytes: Buffer): void {
  for (const [what, value] of secrets) {
    const spellings = [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString('base64').replace(/=+$/, ''),
      Buffer.from(value).toString('hex'),
    ];
    for (const spelling of spellings) {
      const at = bytes.indexOf(spelling);
      const around = bytes.subarray(Math.max(0, at - 160), Math.max(0, at)).toString('latin1');
      assert.equal(at, -1, `the ${what} stands in ${place}: …${around}`);
    }
  }
}

function searchFiles(secrets: ReadonlyMap<string, string>, folder: string): number {
  let files = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) continue;
    files += 1;
    search(secrets, name, readFileSync(path));
  }
  return files;
}

test('no session, password, code, key, link, join token or sealed secret stands in a file, log, record, answer or export', async () => {
  await using system = await startSystem({
    workers: 1,
    env: { GATEWRIGHT_LOG_LEVEL: 'debug', GATEWRIGHT_BOOTSTRAP_TOKEN: '' },
  });
  await quickstart(system, 'echo:');
  const secrets = await useThemAll(system);
  assert.ok(secrets.size >= 17);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const { headers: reader } = await signInAs(system, ANNA, { from: '127.0.0.6' });
  const described = await listDescribed({
    ...system,
    must: async <T>(method: string, path: string) =>
      JSON.parse((await ask(system, method, `/api/v1${path}`, { headers: reader })).text) as T,
  });
  let asked = 0;
  for (const { method, path } of described) {
    if (method !== 'GET' || /\/(?:live|events)$/.test(path)) continue;
    const answer = await ask(system, 'GET', path, { headers: reader });
    asked += answer.status === 200 ? 1 : 0;
    search(secrets, `GET ${path}`, Buffer.from(answer.text));
  }
  assert.ok(asked > 30);
  for (const path of [
    '/audit?limit=200',
    '/audit/export?format=json',
    '/audit/export?format=csv',
    '/requests?limit=200',
    '/requests/export?format=json',
    '/users/anna',
    '/users/ben',
  ])
    search(secrets, path, Buffer.from((await ask(system, 'GET', `/api/v1${path}`, { headers: reader })).text));
  const out = join(system.dataDir, 'exported');
  await system.run(0, 'export', '--dir', out);
  search(secrets, 'the log', Buffer.from(system.log()));
  assert.ok(searchFiles(secrets, system.dataDir) > 5);
  await system.stop();
  search(secrets, 'the log', Buffer.from(system.log()));
  searchFiles(secrets, system.dataDir);
  const hashes = [...secrets.values()].map((value) => createHash('sha256').update(value).digest('hex'));
  const database = readFileSync(join(system.dataDir, 'manager.db'));
  assert.ok(
    hashes.some((hash) => database.includes(hash)),
    'what is known again is there as its hash',
  );
});
