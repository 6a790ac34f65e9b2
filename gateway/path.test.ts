import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPlainPath, normalizePath, otherReadings } from './path.ts';

const refused: readonly (readonly [path: string, form: string])[] = [
  ['/a/../b', 'dot-segment'],
  ['/a/./b', 'dot-segment'],
  ['/..', 'dot-segment'],
  ['/a/.', 'dot-segment'],
  ['/a/%2e%2e/b', 'dot-segment'],
  ['/a/%2E./b', 'dot-segment'],
  ['/a/.%2e', 'dot-segment'],
  ['/a/%252e%252e/b', 'dot-segment'],
  ['/a/%25252e%25252e/b', 'dot-segment'],
  ['/a/..%2fb', 'dot-segment'],
  ['/a%2f..%2fb', 'dot-segment'],
  ['/a/..%252fb', 'dot-segment'],
  ['/a/..;/b', 'dot-segment'],
  ['/a/..;x=1/b', 'dot-segment'],
  ['/a/.;/b', 'dot-segment'],
  ['/a/..%3Bx/b', 'dot-segment'],
  ['/a/%2e%2e%255cb', 'dot-segment'],
  ['/a\\b', 'backslash'],
  ['/a%5cb', 'backslash'],
  ['/a%5Cb', 'backslash'],
  ['/a%00', 'nul'],
  ['/a%2500', 'nul'],
  ['/a%0d%0aX: y', 'control-byte'],
  ['/a%7F', 'control-byte'],
  ['/a\tb', 'control-byte'],
  ['/a%', 'bad-encoding'],
  ['/a%4', 'bad-encoding'],
  ['/a%zz', 'bad-encoding'],
  ['/a%u002f', 'bad-encoding'],
  ['/a%c0%af', 'bad-encoding'],
  ['/a%c0%ae%c0%ae/b', 'bad-encoding'],
  ['/a%e0%80%af', 'bad-encoding'],
  ['/a%ff', 'bad-encoding'],
  ['/a%ed%a0%80', 'bad-encoding'],
  ['/\u00e9', 'not-ascii'],
  ['/a#b', 'fragment'],
];
for (const [path, form] of refused)
  test(`a path with a ${form} is refused whatever a project allows: ${JSON.stringify(path)}`, () =>
    assert.equal(normalizePath(path).refused, form));

const ambiguous: readonly (readonly [path: string, forms: readonly string[], normal: string])[] = [
  ['/a%2fb', ['encoded-slash'], '/a%2Fb'],
  ['//a', ['double-slash'], '//a'],
  ['/a//', ['double-slash'], '/a//'],
  ['/a;b=c', ['semicolon'], '/a;b=c'],
  ['/a;x//%2f', ['semicolon', 'double-slash', 'encoded-slash'], '/a;x//%2F'],
];
for (const [path, forms, normal] of ambiguous)
  test(`a path that a project may allow keeps its spelling: ${path}`, () =>
    assert.deepEqual(normalizePath(path), { path: normal, refused: undefined, forms }));

const clean: readonly (readonly [path: string, normal: string])[] = [
  ['/', '/'],
  ['/orders/1', '/orders/1'],
  ['/%6frders/%31', '/orders/1'],
  ['/%7Euser', '/~user'],
  ['/a%20b', '/a%20b'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a%3bb', '/a%3Bb'],
  ['/a%40b', '/a%40b'],
  ['/100%25', '/100%25'],
  ['/.well-known/x', '/.well-known/x'],
  ['/...', '/...'],
  ['/a/..b', '/a/..b'],
  ['/a|b', '/a|b'],
  ['/a/', '/a/'],
];
for (const [path, normal] of clean)
  test(`${path} is routed and forwarded as ${normal}`, () =>
    assert.deepEqual(normalizePath(path), { path: normal, refused: undefined, forms: [] }));

const piece = fc.oneof(
  fc.constantFrom(
    '/',
    '//',
    '.',
    '..',
    ';',
    '\\',
    '%2f',
    '%2F',
    '%5c',
    '%2e',
    '%252e',
    '%00',
    '%',
    '%41',
    '%c3%a9',
    '%ff',
    'a',
    'Z',
    '~',
    '#',
    '*',
  ),
  fc.string({ maxLength: 3, unit: 'binary-ascii' }),
);
const anyPath = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);

test('what is accepted is its own normal form: nothing is left that a second reader would change', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const first = normalizePath(path);
      if (first.refused !== undefined) return;
      const second = normalizePath(first.path);
      assert.deepEqual(second, first);
    }),
    { numRuns: 5000 },
  );
});

test('no accepted path has a dot segment, NUL, backslash or control byte however often it is decoded', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const normal = normalizePath(path);
      if (normal.refused !== undefined) return;
      let reading = normal.path;
      for (let i = 0; i < 6; i += 1) {
        assert.doesNotMatch(reading, /(?:^|[/\\])\.{1,2}(?:$|[/\\;])/);
        assert.ok(!reading.includes('\0'));
        reading = reading.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
      }
    }),
    { numRuns: 5000 },
  );
});

test('the fast way and the long way agree', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      if (!isPlainPath(path)) return;
      // A harmless escape forces the long way.
      assert.deepEqual(normalizePath(`${path}%41`), { path: `${path}A`, refused: undefined, forms: [] });
    }),
  );
});

test('other readings hold every way to read the allowed forms', () => {
  assert.deepEqual(otherReadings('/a%2Fb', ['encoded-slash']), ['/a/b']);
  assert.deepEqual(otherReadings('//a', ['double-slash']), ['/a']);
  assert.deepEqual(otherReadings('/a;x/b', ['semicolon']), ['/a/b']);
  assert.ok(otherReadings('/;x/admin', ['semicolon']).includes('/admin'));
  assert.ok(otherReadings('/x%2F%2Fb', ['encoded-slash']).includes('/x/b'));
  assert.ok(otherReadings('/a;%2Fb/c', ['semicolon', 'encoded-slash']).includes('/a/c'));
  assert.ok(otherReadings('/a;%2Fb/c', ['semicolon', 'encoded-slash']).includes('/a;/b/c'));
});
