import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnavailableError } from '#core/errors';
import type { OwnerQuestion } from '#core/owner-question';
import { createOwnerQuestions } from './owner-questions.ts';

const question: OwnerQuestion = { ask: 'begin-external', directory: 'corp', redirectUri: 'https://a.example/external' };

test('each question gets its own answer, in whatever order they come', async () => {
  const ids: number[] = [];
  const questions = createOwnerQuestions((id) => void ids.push(id));
  const [first, second] = [questions.ask(question), questions.ask(question)];
  questions.answer(ids[1] ?? 0, { state: 'wrong' }, '');
  questions.answer(ids[0] ?? 0, { state: 'disabled' }, '');
  questions.answer(999, { state: 'wrong' }, 'nobody asked');
  assert.deepEqual([await first, await second], [{ state: 'disabled' }, { state: 'wrong' }]);
});

test('without an answer, and when too many are under way, nobody signs in', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const questions = createOwnerQuestions(() => {});
  const waiting = Array.from({ length: 100 }, () => assert.rejects(questions.ask(question), UnavailableError));
  await assert.rejects(questions.ask(question), /Too many/);
  t.mock.timers.tick(22_000);
  await Promise.all(waiting);
  const again = assert.rejects(questions.ask(question), /in time/);
  t.mock.timers.tick(22_000);
  await again;
});
