import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathPatternSchema } from '#core/model/resource';
import { pathPatternOf, shapeOf } from './path-pattern.ts';
import { readOpenApi } from './read.ts';

const petstore = readFileSync(path.join(import.meta.dirname, '../../../test/support/documents/petstore.yaml'), 'utf8');
const ok = { responses: { 200: { description: 'x' } } };
const head = { openapi: '3.1.0', info: { title: 'x', version: '1' } };
const read = (document: object | string) =>
  readOpenApi(typeof document === 'string' ? document : JSON.stringify({ ...head, ...document }), undefined);
const problemOf = async (document: object | string) => {
  const [problem] = (await read(document)).problems;
  return problem === undefined ? 'none' : `${problem.line}:${problem.column} ${problem.message}`;
};

/** Ten lines that stand for 10^10 values. */
const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...Array.from({ length: 9 }, (_, i) => {
    const [name, before] = [98 + i, 97 + i].map((code) => String.fromCharCode(code));
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`;
  }),
].join('\n');

test('what is made to exhaust the reader is refused with its place', async () => {
  assert.match(await problemOf(BOMB), /^7:\d+ With its aliases followed the document has more than 2000000 values/);
  assert.match(await problemOf('a: &a [*a]'), /^1:8 The alias \*a leads to itself/);
  assert.match(await problemOf(`a: &a 1\nb: [${'*a,'.repeat(1001)}]`), /more than 1000 aliases/);
  for (const opening of ['[', '{a: ', '- '])
    assert.match(await problemOf(opening.repeat(50_000)), /nested deeper than 200/);
  assert.match(await problemOf(`${'['.repeat(300)}${']'.repeat(300)}`), /nested deeper than 200/);
  assert.match(await problemOf('a: 1\nb: 2\na: 3'), /^3:1 a stands here twice/);
  assert.match(await problemOf('a: {x: 1}\n<<: {y: 1}'), /^2:1 Merge keys \(<<\) are not read/);
  assert.match(await problemOf('%YAML 1.1\n---\na: &a {x: 1}\nb:\n  <<: *a'), /^5:3 Merge keys/);
  assert.match(await problemOf('__proto__: {x: 1}'), /cannot be named __proto__/);
  assert.match(await problemOf('{"openapi":"3.1.0","openapi":"3.0.0"}'), /^1:20 openapi stands here twice/);
});

test('what is no OpenAPI document says what it is instead', async () => {
  assert.match(await problemOf('PK\u0003\u0004…'), /archive \(zip or the like\)\. Unpack it/);
  assert.match(await problemOf('<definitions/>'), /A WSDL is imported as a WSDL project/);
  assert.match(await problemOf('swagger: "2.0"'), /Swagger 2\.0\. OpenAPI 3\.0 and 3\.1 can be imported/);
  assert.match(await problemOf('openapi: 3.2.0'), /openapi is 3\.2\.0/);
  assert.match(await problemOf('a: [1, 2'), /^1:\d+ This is neither JSON nor YAML/);
  assert.match(await problemOf('a\0b: 1'), /NUL/);
  assert.match(await problemOf('just text'), /no OpenAPI document/);
});

test('references stay within the document', async () => {
  const item = { '/a': { $ref: 'https://evil.example/a.yaml' } };
  assert.match(await problemOf({ paths: item }), /References to other hosts are not followed/);
  assert.match(
    await problemOf({ paths: { '/a': { $ref: 'other.yaml#/a' } } }),
    /References to other files are not followed/,
  );
  assert.match(await problemOf({ paths: { '/a': { $ref: '#/paths/~1a' } } }), /circle/);
  assert.match(await problemOf({ paths: { '/a': { $ref: '#/x/constructor' } } }), /leads to nothing/);
  const schema = {
    get: { responses: { 200: { description: 'x', content: { 'a/b': { schema: { $ref: 'http://h/s.json' } } } } } },
  };
  const { problems, unused, operations } = await read({ paths: { '/a': schema } });
  assert.deepEqual([problems.length, operations.length], [0, 1]);
  assert.ok(
    unused.some(({ what, message }) => what === 'references' && message.startsWith('References to other hosts')),
  );
});

test('a schema that refers to itself, thousands of times, is no problem', async () => {
  const schemas = Object.fromEntries(
    Array.from({ length: 3000 }, (_, i) => [
      `S${i}`,
      {
        type: 'object',
        properties: {
          a: { $ref: `#/components/schemas/S${(i + 1) % 3000}` },
          b: { $ref: `#/components/schemas/S${(i * 7) % 3000}` },
        },
      },
    ]),
  );
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } };
  const reading = await read({
    paths: { '/a': { get: { responses: { 200: { description: 'x', content } } } } },
    components: { schemas },
  });
  assert.deepEqual([reading.problems, reading.operations.length], [[], 1]);
});

test('security is never read as less than the document demands', async () => {
  const components = {
    securitySchemes: {
      oauth: { type: 'oauth2', flows: {} },
      key: { type: 'apiKey', in: 'header', name: 'k' },
      bearer: { type: 'http', scheme: 'Bearer' },
    },
  };
  const demands = async (security: unknown, top: object = {}) => {
    const { operations, problems } = await read({ ...top, components, paths: { '/a': { get: { ...ok, security } } } });
    assert.deepEqual(problems, []);
    const [{ scopes, scopeMatch, public: isPublic } = { scopes: [], scopeMatch: '', public: undefined }] = operations;
    return [scopes.join(' '), scopeMatch, isPublic];
  };
  assert.deepEqual(await demands([{ oauth: ['a', 'b'] }]), ['a b', 'all', false]);
  assert.deepEqual(await demands([{ oauth: ['a'] }, { oauth: ['b'] }]), ['a b', 'any', false]);
  assert.deepEqual(await demands([{ oauth: ['a', 'b'] }, { oauth: ['c'] }]), ['a b', 'all', false]);
  assert.deepEqual(await demands([{ oauth: ['a'] }, { key: [] }]), ['a', 'all', false]);
  assert.deepEqual(await demands([{ oauth: ['a'], key: [] }]), ['a', 'all', false]);
  assert.deepEqual(await demands([{ bearer: [] }]), ['', 'all', false]);
  assert.deepEqual(await demands([]), ['', 'all', true]);
  assert.deepEqual(await demands([{ oauth: ['a'] }, {}]), ['', 'all', true]);
  assert.deepEqual(await demands(undefined), ['', 'all', false]);
  assert.deepEqual(
    await demands(undefined, { security: [] }),
    ['', 'all', false],
    'said of the whole is not said of one',
  );
  const wrong = (security: object) =>
    problemOf({ components, paths: { '/a': { get: { ...ok, security: [security] } } } });
  assert.match(await wrong({ oauth: ['a b'] }), /a b is no scope/);
  assert.match(await wrong({ nobody: [] }), /components\.securitySchemes has no nobody/);
});

test('a path becomes a pattern that takes the same calls, or none', () => {
  const patternOf = (template: string) => {
    const result = pathPatternOf(template);
    return 'pattern' in result ? result.pattern : '';
  };
  assert.equal(patternOf('/pets/{pet-id}/toys/{1}'), '/pets/{pet_id}/toys/{p1}');
  assert.equal(patternOf('/a/{b-c}/{b_c}'), '/a/{b_c}/{b_c_2}');
  assert.equal(patternOf('/pets/'), '/pets');
  assert.equal(patternOf('/'), '/');
  for (const none of ['/a.{format}', '/{a}{b}', '/a/*', '/a/../b', '/a//b', '/a?b=c', '/a/%2e', 'a', '/{}'])
    assert.equal(patternOf(none), '', none);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('/', 'a', '{', '}', '*', '.', '-', '%', '1') }), (rest) => {
      const result = pathPatternOf(`/${rest}`);
      if ('pattern' in result) assert.ok(pathPatternSchema.safeParse(result.pattern).success);
    }),
  );
});

test('any change to a document is read or refused by line, never anything else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(petstore.length),
      fc.nat(40),
      fc.string({
        unit: fc.constantFrom(
          ' ',
          '\n',
          ':',
          '-',
          '{',
          '}',
          '[',
          ']',
          '"',
          "'",
          '&a',
          '*a',
          '#',
          '$ref',
          '/',
          'get:',
          '\t',
          '?',
          '|',
          '>',
          '!',
        ),
      }),
      async (at, cut, put) => {
        const { problems, operations } = await read(petstore.slice(0, at) + put + petstore.slice(at + cut));
        for (const { line, column, message } of problems)
          assert.ok(line >= 0 && column >= 0 && /[.!?]$/.test(message), message);
        const shapes = operations.map(({ path: pattern, methods }) => `${methods.join()} ${shapeOf(pattern)}`);
        assert.equal(new Set(shapes).size, shapes.length);
        assert.equal(new Set(operations.map(({ name }) => name)).size, operations.length);
      },
    ),
    { numRuns: 150 },
  );
});

test('any JSON is read or refused, whatever stands where', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.json({ maxDepth: 4 }),
      fc.json({ maxDepth: 4 }),
      fc.json({ maxDepth: 4 }),
      async (paths, security, components) => {
        const parts = {
          paths: JSON.parse(paths),
          security: JSON.parse(security),
          components: { securitySchemes: JSON.parse(components) },
        };
        await read(parts);
        await read({ ...parts, paths: { '/a': parts.paths, '/b': { get: parts.paths } } });
      },
    ),
    { numRuns: 100 },
  );
});
