import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import pc from 'picocolors';
import { createOutput } from './output.ts';
import { plain, plainJson, plainStyled } from './plain.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '\u001b[31m',
        '\u001b]8;;http://x\u0007',
        '\u009b2J',
        '\u001b[8m',
        '\r',
        '\u202e',
        'a',
        '\n',
        '\u001b',
      ),
    )
    .map((parts) => parts.join('')),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLOUR = /\u001b\[(?:[0-79]|2[2-79]|[349][0-7]|[34]9|10[0-7])m/g;
const controls = (shown: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  shown.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g) ?? [];

test('no value brings a control character or a turned reading direction to the terminal', () => {
  fc.assert(
    fc.property(text, (value) => {
      assert.deepEqual(controls(plain(value)), []);
      assert.ok(!/[\n\t]/.test(plain(value)));
    }),
  );
  assert.equal(plain('a\u001b[2Jb\u202ec'), 'a\\x1b[2Jb\\u202ec');
  assert.equal(plain('Zoë 👩‍💻 می‌خواهم'), 'Zoë 👩‍💻 می‌خواهم');
});

test('whatever a command prints, on any stream and in any form, the terminal gets no sequence but our colours', () => {
  fc.assert(
    fc.property(text, fc.boolean(), fc.boolean(), (value, json, hasColours) => {
      const parts: string[] = [];
      const stream = { write: (part: string) => void parts.push(part) };
      const env = hasColours ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
      const out = createOutput({ stdout: stream, stderr: stream, isTty: true, columns: 80, json, env });
      out.line(value);
      out.note(value);
      out.warn(value);
      out.raw(value);
      out.error(value);
      out.json({ [value]: value });
      out.table([{ title: 'A' }, { title: 'B' }], [[value, value]]);
      assert.deepEqual(controls(parts.join('').replace(hasColours ? COLOUR : /(?!)/, '')), []);
    }),
  );
});

test('our colours pass, and nothing that hides text', () => {
  const { red } = pc.createColors(true);
  assert.equal(plainStyled(red('a'), true), red('a'));
  assert.equal(plainStyled('\u001b[8msecret', true), '\\x1b[8msecret');
  assert.equal(plainStyled(red('a'), false), '\\x1b[31ma\\x1b[39m');
});

test('JSON made safe says the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const shown = plainJson(value, 2);
      assert.deepEqual(JSON.parse(shown), JSON.parse(JSON.stringify(value)));
      assert.deepEqual(controls(shown), []);
    }),
  );
});
