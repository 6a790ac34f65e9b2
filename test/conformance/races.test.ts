import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AuthorizationServer, createAuthorizationServer, REDIRECT_URI } from '../support/authorization-server.ts';
import { CHALLENGE, VERIFIER } from '../support/oauth-grants.ts';
import { openOwnerBrowser } from '../support/resource-owner.ts';
import { type System, startSystem } from '../support/system.ts';
import { connectToEachWorker } from '../support/worker-connections.ts';

// Codes and refresh tokens presented at once to two worker processes that share a store on disk.

let system: System;
let server: AuthorizationServer;
before(async () => {
  system = await startSystem({ workers: 2 });
  server = await createAuthorizationServer(system);
});
after(async () => system?.[Symbol.asyncDispose]());

const credentials = () => ({ client_id: server.client.id, client_secret: server.client.secret });

async function exchange(form: Readonly<Record<string, string>>) {
  const body = new URLSearchParams({ ...credentials(), ...form });
  const answer = await fetch(server.issuer, { method: 'POST', body });
  return { status: answer.status, json: (await answer.json()) as Readonly<Record<string, string>> };
}

async function statusOfCall(token: string | undefined): Promise<number> {
  return (await fetch(`${server.api}/1`, { headers: { Authorization: `Bearer ${token}` } })).status;
}

/** Many at once, half of them to each process; the one that was answered. */
async function race(form: Readonly<Record<string, string>>) {
  const workers = await connectToEachWorker(system, `${server.issuer}/jwks`, 4);
  assert.equal(workers.length, 2);
  const body = new URLSearchParams({ ...credentials(), ...form });
  const sent = workers.flatMap((worker) => Array.from({ length: 4 }, () => worker.post(server.issuer, body)));
  const answers = await Promise.all(sent);
  for (const worker of workers) worker[Symbol.dispose]();
  const won = answers.filter(({ status }) => status === 200);
  for (const { status, text } of answers) {
    assert.ok(status === 200 || status === 400, text);
    if (status === 400) assert.equal(JSON.parse(text).error, 'invalid_grant');
  }
  assert.equal(won.length, 1, 'exactly one wins');
  return JSON.parse(won[0]?.text ?? '{}') as Readonly<Record<string, string>>;
}

test('of one code presented to two processes at once exactly one gets tokens, and they die; so do those of a refresh token', async () => {
  const owner = openOwnerBrowser();
  const newCode = async () => {
    const request = new URLSearchParams({
      ...{ response_type: 'code', client_id: server.client.id, redirect_uri: REDIRECT_URI, state: 'x' },
      ...{ code_challenge: CHALLENGE, code_challenge_method: 'S256' },
    });
    const back = await owner.authorize(`${server.authorizationEndpoint}?${request}`, server.owner);
    const code = back.searchParams.get('code') ?? '';
    return { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER };
  };
  for (let round = 0; round < 3; round += 1) {
    const won = await race(await newCode());
    assert.equal(await statusOfCall(won.access_token), 401, 'the grant is dead');
    const dead = await exchange({ grant_type: 'refresh_token', refresh_token: won.refresh_token ?? '' });
    assert.equal(dead.json.error, 'invalid_grant');
  }
  for (let round = 0; round < 3; round += 1) {
    const { json } = await exchange(await newCode());
    assert.equal(await statusOfCall(json.access_token), 200);
    const won = await race({ grant_type: 'refresh_token', refresh_token: json.refresh_token ?? '' });
    assert.equal(await statusOfCall(won.access_token), 401, 'the grant is dead');
    const next = await exchange({ grant_type: 'refresh_token', refresh_token: won.refresh_token ?? '' });
    assert.equal(next.json.error, 'invalid_grant');
  }
});
