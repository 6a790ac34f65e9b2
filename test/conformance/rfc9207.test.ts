import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createTestBrowser, openAuthorization } from '../support/authorization.ts';
import { createCodeFlow } from '../support/code-flow.ts';
import { must } from './must.ts';

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client, app } = flow;

async function metadata(): Promise<Readonly<Record<string, unknown>>> {
  const { origin, pathname } = new URL(system.issuer);
  const answer = await fetch(`${origin}/.well-known/oauth-authorization-server${pathname}`);
  return (await answer.json()) as Record<string, unknown>;
}

must('9207-2-answer', async () => {
  const answer = flow.answerOf(await flow.allow(flow.requestUrl(client)));
  assert.ok(answer.has('code'));
  assert.deepEqual(answer.getAll('iss'), [system.issuer]);
  const { location = '' } = await flow.allow(flow.requestUrl(client, { response_mode: 'fragment' }));
  assert.equal(new URLSearchParams(new URL(location).hash.slice(1)).get('iss'), system.issuer);
  const posted = await flow.allow(flow.requestUrl(client, { response_mode: 'form_post' }));
  assert.equal(posted.fields.iss, system.issuer);
});

must('9207-2-error', async () => {
  for (const more of [{ response_type: 'x' }, { scope: 'unknown' }, { resource: 'x' }, { code_challenge: 'x' }]) {
    const answer = flow.answerOf(await createTestBrowser().get(flow.requestUrl(client, more)));
    assert.ok(answer.has('error'));
    assert.deepEqual(answer.getAll('iss'), [system.issuer]);
  }
  const browser = createTestBrowser();
  const consent = await flow.signIn(await flow.open(flow.requestUrl(app), browser), browser);
  const denied = await browser.post(`${system.url}/consent`, { ...consent.fields, decision: 'deny' });
  assert.equal(flow.answerOf(denied).get('iss'), system.issuer);
});

must('9207-2-issuer', async () => {
  const iss = flow.answerOf(await flow.allow(flow.requestUrl(client))).get('iss') ?? '';
  assert.equal(iss, (await metadata()).issuer);
  assert.doesNotMatch(iss, /[?#]/);
});

must('9207-2.3-metadata', async () => {
  assert.equal((await metadata()).authorization_response_iss_parameter_supported, true);
});
