import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayNameSchema, lineOf, lineSchema, nameSchema, slugOf } from './name.ts';
import { contextPathSchema } from './project.ts';
import { pathPatternSchema } from './resource.ts';
import { targetUrlSchema } from './target.ts';

test('a display name becomes a name', () => {
  const table: [string, string][] = [
    ['Orders API', 'orders-api'],
    ['AccessToken', 'access-token'],
    ['DefaultResource', 'default-resource'],
    ['OAuth Token End Point', 'oauth-token-end-point'],
    ['Größe 2', 'große-2'.normalize('NFKD').replace(/[^a-z0-9]+/g, '-')],
    ['--a--', 'a'],
  ];
  for (const [display, name] of table) assert.equal(slugOf(display), name);
  assert.equal(slugOf('…'), '');
});

test('names, paths, patterns and target URLs are bounded and unambiguous', () => {
  assert.ok(!nameSchema.safeParse('x'.repeat(65)).success);
  for (const path of ['/', '/orders', '/a/b.c', '/v1/orders'])
    assert.ok(contextPathSchema.safeParse(path).success, path);
  for (const path of ['', 'orders', '/orders/', '//a', '/a/../b', '/a%2Fb', '/.well-known/x', '/a b', '/a?b'])
    assert.ok(!contextPathSchema.safeParse(path).success, path);
  for (const path of ['/', '/*', '/orders/{id}', '/files/*', '/a/{b}/c'])
    assert.ok(pathPatternSchema.safeParse(path).success, path);
  for (const path of ['', 'x', '/a/*/b', '/a//b', '/../x', '/a/{}', '/{1a}'])
    assert.ok(!pathPatternSchema.safeParse(path).success, path);
  for (const url of ['echo:', 'http://127.0.0.1:8080', 'https://a.example/v1'])
    assert.ok(targetUrlSchema.safeParse(url).success, url);
  for (const url of ['ftp://a', 'http://u:p@a', 'http://a?x', 'http://a/#', 'a', 'https://\u0024{variables.host}/'])
    assert.ok(!targetUrlSchema.safeParse(url).success, url);
});

test('no name or word of one line turns the reading direction, breaks the line or hides something', () => {
  for (const sign of [
    '\u0000',
    '\u0007',
    '\n',
    '\u001b',
    '\u009b',
    '\u202e',
    '\u2066',
    '\u200f',
    '\u2028',
    '\u200b',
    '\ufeff',
  ]) {
    assert.ok(!lineSchema.safeParse(`Anna${sign}B`).success, JSON.stringify(sign));
    assert.ok(!displayNameSchema.safeParse(`Anna${sign}B`).success, JSON.stringify(sign));
    assert.equal(lineOf(`Anna${sign}B`), 'Anna B');
  }
  for (const name of ['Zoë 👩‍💻', 'می‌خواهم', '<b>"&\'', '=1+1']) {
    assert.ok(lineSchema.safeParse(name).success, name);
    assert.equal(lineOf(name), name);
  }
});
