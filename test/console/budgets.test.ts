import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startSystem } from '../support/system.ts';

// What the console may weigh (console.md §13), in bytes, compressed with gzip as every server can; and how the manager hands it out.

const DIST = join(import.meta.dirname, '..', '..', 'console', 'dist');
const FIRST_LOAD = { js: 280_000, css: 40_000 } as const;
const LAZY_CHUNK = 160_000;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}

/** What a browser says when a person goes to a page. */
const BROWSER = { accept: 'text/html,application/xhtml+xml', 'accept-encoding': 'gzip' };

let manifest: Readonly<Record<string, Chunk>>;
/** Keys of the chunks that the page cannot do without. */
let first: ReadonlySet<string>;

before(() => {
  manifest = JSON.parse(readFileSync(join(DIST, '.vite', 'manifest.json'), 'utf8'));
  const found = new Set(Object.keys(manifest).filter((key) => manifest[key]?.isEntry === true));
  // A set that grows while it is walked: what was added is walked too.
  for (const key of found) for (const imported of manifest[key]?.imports ?? []) found.add(imported);
  first = found;
});

const weigh = (file: string) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;
const sum = (files: Iterable<string>) => [...new Set(files)].reduce((total, file) => total + weigh(file), 0);
const chunks = (keys: Iterable<string>) => [...keys].flatMap((key) => manifest[key] ?? []);

test('the first load is at most 280 kB of scripts and 40 kB of styles', () => {
  const scripts = sum(chunks(first).map(({ file }) => file));
  const styles = sum(chunks(first).flatMap(({ css = [] }) => css));
  assert.ok(scripts > 50_000 && styles > 5_000, `${scripts} and ${styles}: is it all there?`);
  assert.ok(scripts <= FIRST_LOAD.js, `scripts: ${scripts} bytes`);
  assert.ok(styles <= FIRST_LOAD.css, `styles: ${styles} bytes`);
});

test('no chunk that is loaded later is over 160 kB', () => {
  const later = chunks(Object.keys(manifest).filter((key) => !first.has(key))).filter(({ file }) =>
    file.endsWith('.js'),
  );
  assert.ok(later.length > 20, `${later.length} chunks: each screen has one of its own`);
  for (const { file } of later) assert.ok(weigh(file) <= LAZY_CHUNK, `${file}: ${weigh(file)} bytes`);
});

test('each page has a nonce of its own, and its policy lets nothing inline run', async () => {
  await using system = await startSystem({ workers: 1 });
  const nonces = new Set<string>();
  for (const path of ['/', '/projects', '/login', '/']) {
    const answer = await fetch(system.console + path, { headers: BROWSER });
    const policy = answer.headers.get('content-security-policy') ?? '';
    const [, nonce = ''] = /script-src 'self' 'nonce-([\w-]{22,})'/.exec(policy) ?? [];
    assert.notEqual(nonce, '', policy);
    assert.doesNotMatch(policy, /unsafe|data:|blob:|https?:|\*/);
    for (const directive of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      assert.ok(policy.split('; ').includes(directive), `${directive}: ${policy}`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const html = await answer.text();
    assert.ok(html.includes(nonce) && !html.includes('__NONCE__'));
    for (const [tag] of html.matchAll(/<(?:script|style)\b[^>]*>/g)) assert.ok(tag.includes(`nonce="${nonce}"`), tag);
    assert.doesNotMatch(html, /\son\w+=|\sstyle=/);
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 4);
});

test('files of the build are kept for good by browsers, and come compressed', async () => {
  await using system = await startSystem({ workers: 1 });
  for (const file of chunks(first).flatMap(({ file, css = [] }) => [file, ...css])) {
    const answer = await fetch(`${system.console}/${file}`, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(answer.status, 200, file);
    assert.match(answer.headers.get('cache-control') ?? '', /^public, max-age=31536000, immutable$/);
    await answer.arrayBuffer();
    if (readFileSync(join(DIST, file)).length >= 1024)
      assert.equal(answer.headers.get('content-encoding'), 'gzip', file);
  }
  assert.equal((await fetch(`${system.console}/assets/none.js`, { headers: BROWSER })).status, 404);
});
