import { HeaderList } from '#core/headers';
import type { HttpResponse } from '#core/message';
import type { PolicyHandler, PolicyType } from '#core/policy';
import { compileText } from '#core/whiteboard-selector';
import { compileFields } from '../message-fields.ts';
import { type Config, schema } from './schema.ts';

/** Mock Answer: answers by itself, always the same; no target is called. */
export const mockAnswer: PolicyType<Config> = {
  name: 'mock-answer',
  title: 'Mock Answer',
  description: 'Answers by itself with a fixed status, header fields and body; no target is called.',
  category: 'test',
  phases: ['proxyRequest', 'targetRequest'],
  schema,

  summarize({ status, body }) {
    return body === '' ? `answers ${status}` : `answers ${status} with ${Buffer.byteLength(body)} bytes`;
  },

  compile({ status, headers, body }, { context: { phase } }) {
    const fieldsOf = compileFields(headers);
    const textOf = compileText(body);
    const answer = (fields: readonly string[], text: string): HttpResponse => ({
      status,
      headers: new HeaderList([...fields]), // its own each time: later policies may change it
      body: text === '' ? undefined : text,
    });
    const handler: PolicyHandler = (message) => {
      const fields = fieldsOf(message);
      const text = textOf(message);
      return typeof text === 'string' && !(fields instanceof Promise)
        ? answer(fields, text)
        : Promise.all([fields, text]).then((both) => answer(...both));
    };
    return { [phase]: handler };
  },
};
