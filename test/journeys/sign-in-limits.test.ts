/** Failed sign-ins are counted over all workers of a gateway. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AuthorizationServer, createAuthorizationServer, REDIRECT_URI } from '../support/authorization-server.ts';
import { openOwnerBrowser } from '../support/resource-owner.ts';
import { type System, startSystem } from '../support/system.ts';

const LIMIT = 3; // less than what the directory lets through by itself

let system: System;
let server: AuthorizationServer;
before(async () => {
  system = await startSystem({ workers: 4 });
  server = await createAuthorizationServer(system, { authorization: { failedSignInLimit: LIMIT } });
});
after(() => system?.[Symbol.asyncDispose]());

async function signIn(username: string, password: string): Promise<number> {
  const browser = openOwnerBrowser();
  const url = `${server.authorizationEndpoint}?${new URLSearchParams({
    ...{ response_type: 'code', client_id: server.client.id, redirect_uri: REDIRECT_URI, state: 's' },
  })}`;
  const page = await browser.open(url);
  return (await browser.submit(page, { username, password })).status;
}

test('a name fails as often as it is set, by however many connections and at once, and others go on', async () => {
  const { name, password } = server.owner;
  for (let i = 0; i < 2 * LIMIT; i += 1) assert.equal(await signIn(name, password), 200, 'who signs in is not counted');
  const statuses = await Promise.all(Array.from({ length: 12 }, () => signIn('nobody', 'wrong')));
  assert.deepEqual(
    statuses.sort((a, b) => a - b),
    [...Array.from({ length: LIMIT }, () => 403), ...Array.from({ length: 12 - LIMIT }, () => 429)],
  );
  assert.equal(await signIn('nobody', 'wrong'), 429);
  assert.equal(await signIn(name, password), 200);
});
