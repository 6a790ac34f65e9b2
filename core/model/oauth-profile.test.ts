import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schema } from '#policies/oauth-token-endpoint/schema';
import { applyProfile, authorizationDeviationsOf, deviationsOf, PROFILES } from './oauth-profile.ts';

const defaults = schema.parse({});

test('RFC 9700: the defaults follow the best current practice', () => {
  assert.deepEqual(deviationsOf(defaults, 'bcp'), []);
});

test('each deviation says where, what is, what should be, why and by which source', () => {
  const settings = {
    ...defaults,
    grantTypes: ['client_credentials', 'password'],
    clientCredentialsIn: { ...defaults.clientCredentialsIn, query: true },
    accessTokenLength: 42,
  };
  const found = deviationsOf(settings, 'bcp');
  assert.deepEqual(
    found.map(({ pointer, is, should, source }) => [pointer, is, should, source]),
    [
      ['/grantTypes', ['client_credentials', 'password'], ['client_credentials'], 'RFC 9700 §2.4'],
      ['/clientCredentialsIn/query', true, false, 'RFC 6749 §2.3.1'],
      ['/accessTokenLength', 42, 43, 'RFC 6749 §10.10'],
    ],
  );
  assert.ok(found.every(({ why }) => why.endsWith('.')));
});

test('choosing a profile leaves no deviation and settings that the schema takes', () => {
  const crooked = schema.parse({
    grantTypes: ['password', 'refresh_token'],
    clientCredentialsIn: { header: false, query: true, idParameter: 'key' },
    accessTokenLength: 30,
    refreshTokenRotation: 'none',
    tokenInformation: true,
  });
  for (const profile of PROFILES) {
    const applied = schema.parse(applyProfile(crooked, profile));
    assert.equal(applied.profile, profile);
    assert.deepEqual(deviationsOf(applied, profile), []);
    assert.deepEqual(applied.monitoring, crooked.monitoring);
  }
  assert.deepEqual(applyProfile(crooked, 'bcp').clientCredentialsIn, {
    ...crooked.clientCredentialsIn,
    query: false,
  });
});

test('RFC 9700 §2.1: an authorization end point answers no tokens and always wants PKCE', () => {
  const settings = { responseTypes: ['code', 'token'], requirePkce: 'public' };
  assert.deepEqual(
    authorizationDeviationsOf(settings, 'bcp').map(({ pointer, should }) => [pointer, should]),
    [
      ['/responseTypes', ['code']],
      ['/requirePkce', 'always'],
    ],
  );
  assert.deepEqual(authorizationDeviationsOf(settings, 'custom'), []);
});
