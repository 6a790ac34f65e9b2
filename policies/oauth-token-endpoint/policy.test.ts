import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { createOAuthSystem } from '#test/support/oauth';
import { policyTypes } from '../registry.ts';
import { oauthTokenEndpoint } from './policy.ts';
import { schema } from './schema.ts';

test('settings left out take the documented defaults', () => {
  assert.deepEqual(schema.parse({}), {
    profile: 'custom',
    accessTokenExpiryMs: 3_600_000,
    grantTypes: ['client_credentials', 'authorization_code', 'refresh_token'],
    directory: 'local',
    trustedIssuers: [],
    clientCredentialsIn: {
      header: true,
      body: true,
      query: false,
      idParameter: 'client_id',
      secretParameter: 'client_secret',
    },
    scopeSource: 'registered',
    scopeMatch: 'any',
    scopeChain: '',
    scopeAttribute: 'scopes.for.token',
    includeRefreshToken: true,
    refreshTokenForClientCredentials: false,
    refreshTokenExpiryMs: 43_200_000,
    refreshTokenLength: 46,
    refreshTokenRotation: 'rotate',
    refreshGraceMs: 0,
    accessTokenFormat: 'opaque',
    signingAlgorithm: 'ES256',
    accessTokenLength: 54,
    accessTokenType: 'Bearer',
    additionalParameters: [],
    reuseWindowMs: 0,
    deviceCodeExpiryMs: 600_000,
    devicePollMs: 5000,
    tokenInformation: false,
    tokenStore: '',
    monitoring: true,
  });
});

test('settings that cannot work are refused', () => {
  for (const bad of [
    { accessTokenExpiryMs: 999 },
    { accessTokenExpiryMs: 2_592_000_001 },
    { grantTypes: [] },
    { grantTypes: ['implicit'] },
    { grantTypes: ['password'], directory: '' },
    { scopeSource: 'policy' },
    { scopeAttribute: 'oauth.client.details' },
    { reuseWindowMs: 1000, accessTokenFormat: 'jwt' },
    { reuseWindowMs: 1000, accessTokenExpiryMs: 1999 },
    { reuseWindowMs: 1000, accessTokenLength: 42 },
    { refreshTokenLength: 21 },
    { refreshGraceMs: 60_001 },
    { trustedIssuers: [{ issuer: 'https://a.example', jwksUri: 'http://a.example/jwks' }] },
    { trustedIssuers: [{ issuer: 'https://a.example', jwksUri: 'https://a.example/jwks', algorithms: ['none'] }] },
    { accessTokenLength: 21 },
    { accessTokenLength: 513 },
    { accessTokenType: 'Be"arer' },
    { clientCredentialsIn: { header: false, body: false } },
    { clientCredentialsIn: { idParameter: 'x', secretParameter: 'x' } },
    { additionalParameters: [{ name: 'a', value: '\u0024{a b}' }] },
    { additionalParameters: [{ name: 'a', value: '\u0024{request.form.client_secret}' }] },
    { additionalParameters: [{ name: 'a', value: 'x\u0024{request.header.Authorization}' }] },
    {
      clientCredentialsIn: { secretParameter: 'key' },
      additionalParameters: [{ name: 'a', value: '\u0024{request.form.key}' }],
    },
    {
      additionalParameters: [
        { name: 'a', value: '1' },
        { name: 'a', value: '2' },
      ],
    },
    { accesTokenLength: 54 },
  ]) {
    assert.equal(schema.safeParse(bad).success, false, JSON.stringify(bad));
  }
});

test('every policy type has a title and a description for each setting, and a JSON Schema', () => {
  for (const { name, schema: settings } of policyTypes) {
    const json = z.toJSONSchema(settings, { io: 'input' });
    for (const [field, property] of Object.entries(json.properties ?? {})) {
      const { title, description } = property as { title?: string; description?: string };
      assert.ok(title && description, `${name}.${field}`);
    }
    assert.equal(json.additionalProperties, false, name);
  }
});

test('expiry, length and type of the settings are those of the answer', async () => {
  const system = createOAuthSystem();
  const { consumerKey, secret } = system.registry.register();
  const settings = { accessTokenExpiryMs: 1500, accessTokenLength: 512, accessTokenType: 'Custom' };
  const form = { grant_type: 'client_credentials', client_id: consumerKey, client_secret: secret };
  const { json } = await system.postForm(form, settings);
  assert.equal(String(json.access_token).length, 512);
  assert.deepEqual([json.token_type, json.expires_in], ['Custom', 1]);
});

test('the card says grant types and life', () => {
  assert.equal(
    oauthTokenEndpoint.summarize(schema.parse({ accessTokenExpiryMs: 600_000 })),
    'client_credentials, authorization_code, refresh_token; tokens live 10 min',
  );
});
