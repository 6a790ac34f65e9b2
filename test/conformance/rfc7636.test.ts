import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after } from 'node:test';
import { createTestBrowser, openAuthorization } from '../support/authorization.ts';
import { createCodeFlow } from '../support/code-flow.ts';
import { CHALLENGE, VERIFIER } from '../support/oauth-grants.ts';
import { must } from './must.ts';

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client, app } = flow;
const challengeOf = (verifier: string) => hash('sha256', verifier, 'base64url');

must('7636-4.1-verifier-form', async () => {
  for (const verifier of ['a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(42)}+`, `${'a'.repeat(42)}é`, '=']) {
    const code = await flow.getCode(client, { code_challenge: challengeOf(verifier) });
    const { status, json } = await flow.exchange(client, code, { code_verifier: verifier });
    assert.deepEqual([status, json.error], [400, 'invalid_grant'], verifier);
  }
  for (const verifier of ['a'.repeat(43), 'a'.repeat(128), `-._~${'a'.repeat(39)}`]) {
    const code = await flow.getCode(app, { code_challenge: challengeOf(verifier) });
    assert.equal((await flow.exchange(app, code, { code_verifier: verifier })).status, 200, verifier);
  }
});

must('7636-4.2-s256', async () => {
  const example = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
  const code = await flow.getCode(client, { code_challenge: example });
  const { status } = await flow.exchange(client, code, {
    code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  });
  assert.equal(status, 200);
});

must('7636-4.4-hidden', async () => {
  const browser = createTestBrowser();
  const page = await flow.open(flow.requestUrl(app), browser);
  const consent = await flow.signIn(page, browser);
  const back = await browser.post(`${system.url}/consent`, { ...consent.fields, decision: 'allow' });
  for (const text of [page.text, consent.text, back.location ?? '', ...browser.cookies.values()])
    assert.equal(text.includes(CHALLENGE), false);
});

must('7636-4.4.1-required', async () => {
  const none = { code_challenge: undefined, code_challenge_method: undefined };
  const answer = flow.answerOf(await createTestBrowser().get(flow.requestUrl(app, none)));
  assert.equal(answer.get('error'), 'invalid_request');
  assert.match(answer.get('error_description') ?? '', /./);
});

must('7636-4.4.1-method', async () => {
  for (const method of ['plain', 's256', 'S512', undefined]) {
    const url = flow.requestUrl(client, { code_challenge_method: method });
    const answer = flow.answerOf(await createTestBrowser().get(url));
    assert.equal(answer.get('error'), 'invalid_request', method ?? 'left out, so plain');
  }
});

must('7636-4.6-mismatch', async () => {
  const swapped = VERIFIER.replace('d', 'e');
  for (const who of [client, app])
    for (const verifier of [undefined, '', swapped, VERIFIER.toLowerCase(), CHALLENGE, `${VERIFIER}a`]) {
      const code = await flow.getCode(who);
      const { status, json } = await flow.exchange(who, code, { code_verifier: verifier });
      assert.deepEqual([status, json.error], [400, 'invalid_grant'], String(verifier));
    }
});
