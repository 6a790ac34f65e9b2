import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fastify, { type FastifyInstance } from 'fastify';
import { systemRandom } from '#core/random';
import { findConsole, registerConsole } from './console.ts';

let folder: string;
let app: FastifyInstance;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatewright-console-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(
    join(folder, 'index.html'),
    '<meta nonce="__NONCE__"><script nonce="__NONCE__" src="/assets/a.js"></script>',
  );
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
  writeFileSync(join(folder, 'assets', 'a.js'), 'script');
  writeFileSync(join(folder, 'assets', 'a.js.br'), 'in brotli');
  app = fastify();
  const files = findConsole(folder);
  assert.ok(files !== undefined);
  await registerConsole(app, files, systemRandom);
});

after(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

test('each page has a nonce of its own, the same in its policy and its text, and nothing inline runs without it', async () => {
  const nonces = new Set<string>();
  for (const url of ['/', '/', '/projects/orders-api']) {
    const answer = await get(url, { accept: 'text/html' });
    const policy = String(answer.headers['content-security-policy']);
    const nonce = /script-src 'self' 'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? '';
    assert.ok(policy.includes(`style-src 'self' 'nonce-${nonce}'`), policy);
    assert.doesNotMatch(policy, /unsafe-|\*|https?:|data:|blob:/);
    assert.equal(answer.body, `<meta nonce="${nonce}"><script nonce="${nonce}" src="/assets/a.js"></script>`);
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 3);
});

test('an asset may be kept for ever, since its name is its content; a browser that can takes it compressed', async () => {
  const plain = await get('/assets/a.js');
  assert.equal(plain.body, 'script');
  assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  const compressed = await get('/assets/a.js', { 'accept-encoding': 'gzip, br' });
  assert.equal(compressed.body, 'in brotli');
  assert.equal(compressed.headers['content-encoding'], 'br');
  assert.match(String(compressed.headers.vary), /accept-encoding/i);
});

test('what is not there is no page: neither an asset, nor what a script asks for', async () => {
  for (const [url, accept] of [
    ['/assets/gone.js', 'text/html'],
    ['/projects/orders-api', 'application/json'],
    ['/api/v1/gone', 'text/html'],
  ] as const)
    assert.equal((await get(url, { accept })).statusCode, 404, url);
});
