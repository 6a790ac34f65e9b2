import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oauthAuthorizationEndpoint } from './policy.ts';
import { schema } from './schema.ts';

test('settings left out take the documented defaults', () => {
  assert.deepEqual(schema.parse({ tokenProject: 'access-token' }), {
    tokenProject: 'access-token',
    directories: ['local'],
    consent: 'remember',
    requirePkce: 'public',
    codeExpiryMs: 60_000,
    sessionExpiryMs: 28_800_000,
    responseTypes: ['code'],
    responseModes: ['query', 'fragment', 'form_post'],
    requirePushedRequest: false,
    failedSignInLimit: 5,
    page: { title: '', logo: '', accentColor: '#2f5fde', footer: '' },
  });
});

test('settings that cannot work, or would put something else than a picture or colour on the pages, are refused', () => {
  for (const bad of [
    { tokenProject: '' },
    { tokenProject: undefined },
    { directories: [] },
    { directories: ['local', 'local'] },
    { codeExpiryMs: 600_001 },
    { responseTypes: [] },
    { responseTypes: ['id_token'] },
    { failedSignInLimit: 0 },
    { page: { logo: 'https://elsewhere.example.com/logo.png' } },
    { page: { logo: 'data:text/html;base64,PGI+' } },
    { page: { logo: 'data:image/png;base64,"><script>' } },
    { page: { accentColor: 'red;}body{display:none' } },
    { page: { accentColor: '#fff' } },
    { page: { title: 'a\nb' } },
  ])
    assert.equal(schema.safeParse({ tokenProject: 'access-token', ...bad }).success, false, JSON.stringify(bad));
});

test('the card says what is given, for whom', () => {
  assert.equal(
    oauthAuthorizationEndpoint.summarize(schema.parse({ tokenProject: 'access-token' })),
    'code for access-token; people of local',
  );
});
