import { HeaderList } from '#core/headers';
import type { PolicyHandler, PolicyType } from '#core/policy';
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
    const fields = headers.flatMap(({ name, value }) => [name, value]);
    const answer: PolicyHandler = () => ({
      status,
      headers: new HeaderList([...fields]), // its own each time: later policies may change it
      body: body === '' ? undefined : body,
    });
    return { [phase]: answer };
  },
};
