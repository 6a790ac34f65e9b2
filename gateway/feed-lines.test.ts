import assert from 'node:assert/strict';
import { test } from 'node:test';
import { client } from '#test/support/feed-objects';
import { createLineSplitter, parseFeedLine } from './feed-lines.ts';

test('lines are cut wherever the network cuts them, also inside a character', () => {
  const bytes = Buffer.from('{"a":"é"}\n{"b":2}\n\n{"c"');
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const splitter = createLineSplitter();
    const lines = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
    assert.deepEqual(lines, ['{"a":"é"}', '{"b":2}', '']);
  }
});

const good = { seq: 1, kind: 'client', id: 'cli_1', payload: client('cli_1') };
const hello = {
  type: 'hello',
  format: 1,
  epoch: 'fee_1',
  snapshot: false,
  seq: 1,
  serverGroupId: 'grp_1',
  gatewayId: 'gtw_1',
};

test('what is understood is taken', () => {
  const line = parseFeedLine(
    JSON.stringify({ type: 'changes', seq: 1, entries: [good, { seq: 1, kind: 'product', id: 'prd_1' }] }),
  );
  assert.equal(line.type === 'changes' && line.entries.length, 2);
  assert.equal(parseFeedLine(JSON.stringify(hello)).type, 'hello');
});

const refused: Record<string, unknown> = {
  'another format': { ...hello, format: 2 },
  'an unknown type of line': { type: 'news', seq: 1 },
  'an unknown kind': { type: 'changes', seq: 1, entries: [{ ...good, kind: 'role' }] },
  'an unknown field of an entry': { type: 'changes', seq: 1, entries: [{ ...good, weight: 1 }] },
  'an unknown field of a payload': {
    type: 'changes',
    seq: 1,
    entries: [{ ...good, payload: { ...good.payload, vip: true } }],
  },
  'an entry without id': { type: 'changes', seq: 1, entries: [{ ...good, id: '' }] },
  'a number that is none': { type: 'caught-up', seq: -1, at: 0 },
  'something else': [],
};
for (const [name, line] of Object.entries(refused)) {
  test(`${name} is refused, never ignored`, () => {
    assert.throws(() => parseFeedLine(JSON.stringify(line)), { name: 'FeedRefused' });
  });
}

test('a line that is not JSON is refused', () => {
  assert.throws(() => parseFeedLine('<html>'), { name: 'FeedRefused' });
});
