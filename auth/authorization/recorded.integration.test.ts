import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { AUTHORIZATION_REASONS } from '#core/reasons/authorization';
import { createTestBrowser, OWNER, openAuthorization, PASSWORD } from '#test/support/authorization';

const CALLBACK = 'https://app.example.com/callback';

test('each refusal of the pages is recorded under its reason, with the client where it is known', async (t) => {
  const system = await openAuthorization();
  t.after(() => system[Symbol.asyncDispose]());
  const client = system.registry.register({ client: { redirectUris: [CALLBACK] } });
  const origin = new URL(system.url).origin;
  const urlOf = (more: Record<string, string> = {}) =>
    `${system.url}?${new URLSearchParams({
      ...{ response_type: 'code', client_id: client.consumerKey, redirect_uri: CALLBACK, ...more },
    })}`;
  const browser = createTestBrowser();
  const get = (url: string) => browser.get(url);

  await get(urlOf({ response_mode: 'x' }));
  await get(urlOf({ client_id: 'gwk_unknown' }));
  await get(urlOf({ redirect_uri: 'https://evil.example.com/' }));
  await get(urlOf({ response_type: 'token' }));
  await get(urlOf({ resource: 'x' }));
  await get(urlOf({ scope: 'admin' }));
  await get(urlOf({ request_uri: 'urn:ietf:params:oauth:request_uri:x' }));
  await get(`${system.url}/consent?interaction=x`);
  const page = await browser.follow(await get(urlOf()), origin);
  const form = { ...page.fields, username: OWNER.username, password: PASSWORD };
  await browser.post(`${system.url}/sign-in`, { ...form, password: 'wrong' });
  system.owners.answer = { state: 'disabled' };
  await browser.post(`${system.url}/sign-in`, form);
  system.owners.answer = { state: 'limited', retryAfterMs: 1000 };
  await browser.post(`${system.url}/sign-in`, form);
  system.owners.answer = 'unavailable';
  await browser.post(`${system.url}/sign-in`, form);
  system.owners.answer = undefined;
  const consent = await browser.follow(await browser.post(`${system.url}/sign-in`, form), origin);
  await browser.post(`${system.url}/consent`, { ...consent.fields, decision: 'deny' });
  system.configure({ authorization: { requirePushedRequest: true } });
  await get(urlOf());

  await wait(600); // records are gathered for a quarter of a second
  const records = system.batches.flatMap((batch) => batch.records);
  const codes = new Set<string | undefined>(records.map(({ code }) => code));
  const expected = [...Object.keys(AUTHORIZATION_REASONS), 'oauth_scope'];
  assert.deepEqual(
    expected.filter((code) => !codes.has(code)),
    [],
  );
  const denied = records.find(({ code }) => code === 'consent_denied');
  assert.deepEqual([denied?.status, denied?.clientId], [303, client.clientId]);
  assert.doesNotMatch(JSON.stringify(records), new RegExp(`${PASSWORD}|[?&]code=`));
});
