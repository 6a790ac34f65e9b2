import { ConfigurationError } from '#core/errors';
import type { Message } from '#core/message';
import { PHASES } from '#core/model/endpoint';
import type { PolicyType } from '#core/policy';
import { stringSetOf, type WhiteboardValue } from '#core/whiteboard';
import { type CompiledValue, compileValue, textOf } from '#core/whiteboard-selector';
import { type Config, schema } from './schema.ts';

type Attribute = Config['attributes'][number];

/** Assign Variables: writes attributes of the whiteboard, for selectors and policies behind it. */
export const assignVariables: PolicyType<Config> = {
  name: 'assign-variables',
  title: 'Assign Variables',
  description: 'Writes attributes of the whiteboard, from texts with selectors, for the policies behind it.',
  category: 'transform',
  phases: PHASES,
  schema,

  writes: ({ attributes }) => attributes.map(({ name }) => name),
  summarize: ({ attributes }) => `writes ${attributes.map(({ name }) => name).join(', ')}`,

  compile({ attributes }, { context: { phase } }) {
    const rows = attributes.map((row, i) => ({ name: row.name, find: compileAttribute(row, i) }));
    return {
      [phase]: async (message: Message) => {
        for (const { name, find } of rows) {
          const value = await find(message);
          if (value === undefined) message.whiteboard.remove(name);
          else message.whiteboard.assign(name, value);
        }
        message.note({ wrote: rows.map(({ name }) => name) });
      },
    };
  },
};

function compileAttribute({ type, value }: Attribute, index: number): CompiledValue {
  switch (type) {
    case 'text': {
      const find = compileValue(value);
      return async (message) => textOf(await find(message));
    }
    case 'json':
      return compileValue(parseJson(value, index));
    case 'set': {
      const find = compileValue(value);
      return async (message) => {
        const found = await find(message);
        return found === undefined ? undefined : (stringSetOf(found) ?? stringSetOf(textOf(found)));
      };
    }
  }
}

/** Values of the server group are in it by now: a text that they made no JSON is told when it is deployed. */
function parseJson(text: string, index: number): WhiteboardValue {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigurationError('This is not valid JSON.', `/attributes/${index}/value`);
  }
}
