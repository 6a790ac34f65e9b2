import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CliError } from '../cli-error.ts';
import { parseYamlFile } from './yaml-file.ts';
import { yamlText } from './yaml-merge.ts';

function fault(text: string): string {
  try {
    parseYamlFile('a.yaml', text);
    return '';
  } catch (error) {
    assert.ok(error instanceof CliError);
    return error.lines.join('\n');
  }
}

/** Ten lines that stand for 10^10 values. */
const BOMB = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...Array.from({ length: 9 }, (_, i) => {
    const [name, before] = [98 + i, 97 + i].map((code) => String.fromCharCode(code));
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`;
  }),
].join('\n');

test('a file that is made to grow or to nest without end is refused, and at once', () => {
  const started = performance.now();
  assert.match(fault(BOMB), /^a\.yaml:1: its aliases stand for too much/);
  assert.notEqual(fault('a: &a [*a]'), '');
  assert.match(fault('['.repeat(100_000)), /^a\.yaml:\d+:/);
  assert.match(fault(`a: ${'x'.repeat(2 ** 20)}`), /larger than 1 MiB/);
  assert.match(
    fault('a: 1\nb:\n  - c: 1\n    c: 2\na: 3'),
    /a\.yaml:4: c stands here twice\.[\s\S]*|a\.yaml:5: a stands here twice\./,
  );
  assert.match(
    fault(
      Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`)
        .join('\n')
        .concat('\nk7: 1'),
    ),
    /k7 stands here twice/,
  );
  assert.ok(performance.now() - started < 5000);
});

test('a merge key is a field like any other, and a field named __proto__ sets no prototype', () => {
  assert.deepEqual(parseYamlFile('a.yaml', '%YAML 1.1\n---\nb: &b {x: 1}\n<<: *b').value, {
    b: { x: 1 },
    '<<': { x: 1 },
  });
  const { value } = parseYamlFile('a.yaml', '__proto__: {polluted: 1}');
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test('writing over a file that is a bomb replaces it', () => {
  assert.equal(yamlText({ name: 'a' }, BOMB), 'name: a\n');
});

test('any text is read or refused by line, never anything else', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({
          unit: fc.constantFrom('a', ':', ' ', '\n', '-', '[', ']', '{', '}', '*', '&', '"', "'", '|', '#', '!', '%'),
        }),
      ),
      (text) => {
        const lines = fault(text);
        if (lines !== '') for (const line of lines.split('\n')) assert.match(line, /^a\.yaml:\d+: /);
      },
    ),
  );
});
