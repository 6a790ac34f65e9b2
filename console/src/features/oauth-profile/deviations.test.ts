import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../schema-form/field.ts';
import { mended, profiled, titleAt, valueInWords, withProfile } from './deviations.ts';

const TOKEN = 'oauth-token-endpoint';
const settings = {
  profile: 'bcp',
  grantTypes: ['client_credentials', 'password'],
  clientCredentialsIn: { header: true, body: true, query: true },
  refreshTokenForClientCredentials: false,
  refreshTokenRotation: 'rotate',
  refreshGraceMs: 0,
  accessTokenLength: 54,
  refreshTokenLength: 46,
  tokenInformation: false,
};
const pointersOf = (found: ReturnType<typeof profiled>) => found?.deviations.map(({ pointer }) => pointer);

test('each setting that is not as the profile has it is a deviation; mended there is none', () => {
  const found = profiled({ type: TOKEN, config: settings }, undefined);
  assert.deepEqual(pointersOf(found), ['/grantTypes', '/clientCredentialsIn/query']);
  const config = mended(settings, found?.deviations ?? []);
  assert.deepEqual(config.clientCredentialsIn, { header: true, body: true, query: false });
  assert.deepEqual(pointersOf(profiled({ type: TOKEN, config: { ...config } }, undefined)), []);
});

test('an authorization end point is held against the profile of its token end point; other policies and custom against none', () => {
  const config = { responseTypes: ['code', 'token'], requirePkce: 'public' };
  const type = 'oauth-authorization-endpoint';
  assert.deepEqual(pointersOf(profiled({ type, config }, 'bcp')), ['/responseTypes', '/requirePkce']);
  assert.equal(profiled({ type, config }, undefined), undefined);
  assert.equal(profiled({ type: 'set-headers', config }, 'bcp'), undefined);
  assert.equal(profiled({ type: TOKEN, config: { ...settings, profile: 'custom' } }, undefined), undefined);
});

test('who chooses a profile gets its settings; who changes something later keeps it', () => {
  const chosen = withProfile(TOKEN, { ...settings, profile: 'custom' }, settings);
  assert.deepEqual(chosen.grantTypes, ['client_credentials']);
  assert.equal(withProfile(TOKEN, chosen, { ...chosen, refreshGraceMs: 5 }).refreshGraceMs, 5);
  assert.equal(withProfile('other', { profile: 'custom' }, settings), settings);
});

test('settings are named as in the form', () => {
  const field = {
    description: undefined,
    isAdvanced: false,
    isRequired: false,
    default: undefined,
    when: undefined,
    messages: {},
  };
  const query: Field = { ...field, kind: 'switch', name: 'query', title: 'In query string' };
  const group: Field = {
    ...field,
    kind: 'group',
    name: 'clientCredentialsIn',
    title: 'Find client credentials',
    fields: [query],
  };
  assert.equal(titleAt('/clientCredentialsIn/query', [group]), 'Find client credentials: In query string');
  assert.equal(titleAt('/unknown', [group]), 'unknown');
  assert.deepEqual([true, [], ['a', 'b'], undefined, 43].map(valueInWords), ['on', 'none', 'a, b', 'nothing', '43']);
});
