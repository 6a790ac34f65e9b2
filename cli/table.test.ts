import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from './plain.ts';
import { tableLines, width } from './table.ts';

const columns = [{ title: 'NAME' }, { title: 'COUNT', align: 'right' as const }];
const title = (text: string) => text;

test('on a terminal columns are aligned below their titles', () => {
  const lines = tableLines(
    columns,
    [
      ['orders', '7'],
      ['a', '12'],
    ],
    { width: 80, title },
  );
  assert.deepEqual(lines, ['NAME    COUNT', 'orders      7', 'a          12']);
});

test('the widest column is cut until the table fits the terminal', () => {
  const [, line] = tableLines(columns, [['a-rather-long-name', '7']], { width: 20, title });
  assert.equal(line, 'a-rather-lon…      7');
});

test('what is copied from a table is never cut', () => {
  const whole = [{ title: 'ID', isWhole: true }, { title: 'TEXT' }];
  const [, line] = tableLines(whole, [['req_0123456789ABCDEF', 'a long explanation']], { width: 30, title });
  assert.equal(line, 'req_0123456789ABCDEF  a long …');
});

test('piped it is tab-separated, without titles, and nothing is cut', () => {
  assert.deepEqual(tableLines(columns, [['a-rather-long-name', '7']], { width: undefined, title }), [
    'a-rather-long-name\t7',
  ]);
});

test('a cell cannot move the cursor, break the line or turn the reading direction', () => {
  const [line] = tableLines(columns, [['a\u001b[2Jb\tc\n\u202e', '1']], { width: undefined, title });
  assert.equal(line, 'a\\x1b[2Jb\\x09c\\x0a\\u202e\t1');
  assert.equal(plain('Grüße — 你好'), 'Grüße — 你好');
});

test('wide characters count twice, combining marks not at all', () => {
  assert.equal(width('你好'), 4);
  assert.equal(width('e\u0301'), 1);
});
