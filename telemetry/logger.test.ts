import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';

function capture(level: 'debug' | 'info' = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ level, name: 'test', destination: { write: (line: string) => void lines.push(line) } });
  return { logger, lines };
}

test('a line is one JSON object with message, facts and the name of the process', () => {
  const { logger, lines } = capture();
  logger.child({ worker: 3 }).info({ seq: 7 }, 'Applied');
  logger.debug({}, 'not at this level');
  assert.equal(lines.length, 1);
  const line = JSON.parse(lines[0] ?? '');
  assert.deepEqual([line.msg, line.seq, line.worker, line.name], ['Applied', 7, 3, 'test']);
});

test('no secret reaches the log, neither in a field that is named so nor in any text', () => {
  const { logger, lines } = capture();
  const secret = `gws_${'a1'.repeat(24)}z`;
  logger.warn({ authorization: `Bearer ${secret}`, request: { token: 'plain', headers: { cookie: 'id=1' } } }, 'one');
  logger.error({ err: new Error(`refused ${secret}`), note: 'Bearer abcdefghijklmnop' }, `two ${secret}`);
  const text = lines.join('');
  for (const hidden of [secret, 'plain', 'id=1', 'abcdefghijklmnop']) assert.ok(!text.includes(hidden), hidden);
  for (const line of lines) JSON.parse(line);
});
