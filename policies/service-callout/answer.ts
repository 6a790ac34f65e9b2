import type { EgressAnswer } from '#core/egress';
import { stringSetOf, type WhiteboardValue } from '#core/whiteboard';
import type { Config } from './schema.ts';

/** The service answered, and not with what is needed. The message holds nothing of the answer. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}

/** What of an answer is written to the whiteboard. @throws UnusableAnswer */
export function readAnswer({ status, body }: EgressAnswer, { answerAs, pick }: Config): WhiteboardValue {
  if (status < 200 || status > 299) throw new UnusableAnswer(`it answered ${status}`);
  const text = body.toString('utf8');
  if (answerAs === 'text') return text;
  if (answerAs === 'json') return partOf(parseJson(text), pick);
  const value = pick !== '' || /^\s*[[{"]/.test(text) ? partOf(parseJson(text), pick) : text;
  const set = stringSetOf(value);
  if (set === undefined) throw new UnusableAnswer(`${pick === '' ? 'the answer' : pick} is no list of strings`);
  return set;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnusableAnswer('the answer is not JSON');
  }
}

function partOf(value: unknown, pick: string): WhiteboardValue {
  let part = value;
  for (const name of pick === '' ? [] : pick.split('.')) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name))
      throw new UnusableAnswer(`the answer has no ${pick}`);
    part = Reflect.get(part, name);
  }
  return part as WhiteboardValue; // JSON.parse gives nothing else
}
