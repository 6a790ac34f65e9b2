import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirectUriFault } from './redirect-uri.ts';

test('https, http on loopback and schemes of applications are taken (RFC 8252 §7)', () => {
  for (const uri of [
    'https://app.example.com',
    'https://app.example.com/callback?from=us',
    'http://127.0.0.1/callback',
    'http://[::1]:3000/callback',
    'http://localhost:8080/',
    'com.example.app:/callback',
    'com.example.app://callback',
  ])
    assert.equal(redirectUriFault(uri), undefined, uri);
});

test('RFC 6749 §3.1.2: a redirect URI is absolute and has no fragment', () => {
  assert.match(redirectUriFault('/callback') ?? '', /absolute/);
  assert.match(redirectUriFault('//app.example.com/callback') ?? '', /absolute/);
  assert.match(redirectUriFault('https://app.example.com/#') ?? '', /fragment/);
});

test('what could lead somewhere else than it seems is refused', () => {
  for (const [uri, why] of [
    ['http://app.example.com/', /http only on/],
    ['javascript:alert(1)', /Use https/],
    ['data:text/html,x', /Use https/],
    ['myapp:/callback', /dot in it/],
    ['https://app.example.com@evil.example/', /user name/],
    ['https://*.example.com/', /wildcards/],
    ['https://app.example.com/a/../b', /"\.\."/],
    ['https://app.example.com/%2e%2E/b', /"\.\."/],
    ['https://app.example.com/..', /"\.\."/],
    ['https:/app.example.com\\@evil.example', /characters/],
    ['https:app.example.com', /as browsers do/],
    ['https://App.example.com/', /as browsers do/],
    ['https://app.example.com:443/', /as browsers do/],
    ['http://0x7f.1/', /as browsers do/],
    ['https://app.example.com/a b', /characters/],
    ['https://ä.example/', /characters/],
    [`https://app.example.com/${'x'.repeat(2048)}`, /2048/],
    ['', /characters/],
  ] as const)
    assert.match(redirectUriFault(uri) ?? 'taken', why, uri);
});
