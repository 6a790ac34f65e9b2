import assert from 'node:assert/strict';
import { after } from 'node:test';
import { createTestBrowser, openAuthorization } from '../support/authorization.ts';
import { createCodeFlow } from '../support/code-flow.ts';
import { must } from './must.ts';

const system = await openAuthorization();
after(() => system[Symbol.asyncDispose]());
const flow = createCodeFlow(system);
const { client } = flow;
const ONE = 'https://one.example.com/orders';
const TWO = 'https://two.example.com/';
const WRONG = ['/orders', 'orders', '//one.example.com/', 'https://', `${ONE}#part`, `${ONE}#`];
const audienceOf = async (token: unknown) => [(await flow.introspect(client, token)).aud].flat();

must('8707-2-absolute', async () => {
  for (const resource of WRONG) {
    const asked = flow.answerOf(await createTestBrowser().get(flow.requestUrl(client, { resource })));
    assert.equal(asked.get('error'), 'invalid_target', resource);
    const { status, json } = await flow.token(client, { grant_type: 'client_credentials', resource });
    assert.deepEqual([status, json.error], [400, 'invalid_target'], resource);
  }
});

must('8707-2-several', async () => {
  const tokens = await flow.getTokens(client, { resource: [ONE, TWO] });
  assert.deepEqual(await audienceOf(tokens.access_token), [ONE, TWO]);
  const { json } = await flow.token(client, { grant_type: 'client_credentials', resource: [ONE, TWO] });
  assert.deepEqual(await audienceOf(json.access_token), [ONE, TWO]);
});

must('8707-2.1-code', async () => {
  const { access_token: token } = await flow.getTokens(client, { resource: ONE });
  assert.deepEqual(await audienceOf(token), [ONE]);
  const code = await flow.getCode(client, { resource: ONE });
  const { status, json } = await flow.exchange(client, code, { resource: TWO });
  assert.deepEqual([status, json.error], [400, 'invalid_target']);
});

must('8707-2.2-down-scoped', async () => {
  const code = await flow.getCode(client, { resource: [ONE, TWO] });
  const first = await flow.exchange(client, code, { resource: ONE });
  assert.deepEqual(await audienceOf(first.json.access_token), [ONE]);
  const wider = await flow.refresh(client, first.json.refresh_token, { resource: 'https://three.example.com/' });
  assert.deepEqual([wider.status, wider.json.error], [400, 'invalid_target']);
  const second = await flow.refresh(client, first.json.refresh_token, { resource: TWO });
  assert.deepEqual(await audienceOf(second.json.access_token), [TWO]);
  const third = await flow.refresh(client, second.json.refresh_token);
  assert.deepEqual(await audienceOf(third.json.access_token), [ONE, TWO]);
});
