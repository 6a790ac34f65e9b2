import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { quickstart } from '../support/quickstart.ts';
import { BOOTSTRAP_TOKEN, startSystem } from '../support/system.ts';
import { getToken } from '../support/token.ts';

test('no issued token and no secret stands in the data directory, the log, a record or an API answer', async () => {
  await using system = await startSystem({ env: { GATEWRIGHT_LOG_LEVEL: 'debug' } });
  const made = await quickstart(system, 'echo:');
  const token = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const ended = await getToken(made.tokenUrl, made.consumerKey, made.consumerSecret);
  const key = await system.must<{ key: string }>('POST', '/management-keys', {
    displayName: 'Another',
    roles: [{ role: 'admin' }],
  });
  const bearer = { authorization: `Bearer ${token}` };
  // Wherever a caller may put a token or secret by mistake.
  const urls: [string, RequestInit][] = [
    [`${made.apiUrl}/1`, { headers: bearer }],
    [`${made.apiUrl}/1?access_token=${token}`, {}],
    [`${made.apiUrl}/1?access_token=${token}`, { headers: bearer }],
    [`${made.apiUrl}/${token}`, { headers: bearer }],
    [`${made.apiUrl}/${made.consumerSecret}/x?secret=${made.consumerSecret}`, {}],
    [
      `${system.gateway}/nothing/${token}?t=${token}`,
      { headers: { ...bearer, cookie: `t=${token}`, 'x-request-id': token } },
    ],
    [`${made.apiUrl}/1`, { headers: { authorization: token } }],
    [`${made.apiUrl}/1`, { headers: { authorization: `Token ${token}` } }],
    [`${made.apiUrl}/1`, { headers: { authorization: `Basic ${btoa(`${made.consumerKey}:${made.consumerSecret}`)}` } }],
    [
      `${made.tokenUrl}?client_secret=${made.consumerSecret}`,
      {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: made.consumerSecret,
          client_secret: made.consumerSecret,
        }),
      },
    ],
    [
      made.tokenUrl,
      {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: token,
          client_id: made.consumerKey,
          client_secret: made.consumerSecret,
        }),
      },
    ],
    [
      made.tokenUrl,
      {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: made.consumerKey,
          client_secret: made.consumerSecret,
          scope: token,
        }),
      },
    ],
    [`${system.console}/api/v1/projects/${token}?q=${token}`, { headers: { authorization: `Bearer ${token}` } }],
  ];
  for (const [url, init] of urls) await (await fetch(url, init)).arrayBuffer();
  await sleep(1_500);
  let answers = '';
  for (const path of [
    '/requests?limit=200',
    '/audit?limit=200',
    '/subscriptions',
    '/clients',
    '/clients/mobile-shop/keys',
    '/management-keys',
    '/status',
    '/deployments',
    '/server-groups',
    '/openapi.json',
  ])
    answers += JSON.stringify((await system.api('GET', path)).body);
  const list = await system.must<{ items: { id: string }[] }>('GET', '/requests?limit=200');
  assert.ok(list.items.length >= urls.length - 1, 'the calls are recorded');
  for (const { id } of list.items) answers += JSON.stringify((await system.api('GET', `/requests/${id}/why`)).body);
  const wanted = {
    token,
    ended,
    consumerSecret: made.consumerSecret,
    managementKey: key.key,
    bootstrap: BOOTSTRAP_TOKEN,
  };
  const search = (place: string, text: Buffer | string) => {
    const bytes = Buffer.from(text);
    for (const [name, value] of Object.entries(wanted)) {
      const at = bytes.indexOf(value);
      const before = bytes.subarray(Math.max(0, at - 160), Math.max(0, at)).toString('latin1');
      assert.equal(at, -1, `${name} stands in ${place}: …${before}`);
    }
  };
  search('an API answer', answers);
  search('the log', system.log());
  searchFiles(system.dataDir, search);
  await system.stop();
  search('the log', system.log());
  searchFiles(system.dataDir, search);
});

function searchFiles(folder: string, search: (place: string, bytes: Buffer) => void): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) search(name, readFileSync(path));
  }
}
