import { Refusal } from '#core/errors';
import type { Message } from '#core/message';
import { PHASES } from '#core/model/endpoint';
import type { PolicyType } from '#core/policy';
import type { WhiteboardValue } from '#core/whiteboard';
import { sharedScriptPool } from './pool.ts';
import { type Config, schema } from './schema.ts';

const FORM_LIMIT_BYTES = 65_536;

/** Script: a few lines of JavaScript in a sandbox, between the attributes of the whiteboard. */
export const script: PolicyType<Config> = {
  name: 'script',
  title: 'Script',
  description:
    'Runs JavaScript in a sandbox, with limits of time and memory, to work out attributes of the whiteboard.',
  category: 'transform',
  phases: PHASES,
  schema,
  literalFields: ['source'],

  writes: ({ writes }) => writes,

  summarize({ source, writes }) {
    const lines = source.trimEnd().split('\n').length;
    return `${lines} ${lines === 1 ? 'line' : 'lines'}${writes.length === 0 ? '' : `, writes ${writes.join(', ')}`}`;
  },

  compile(config, { context: { phase } }) {
    const { source, timeLimitMs, memoryLimitBytes } = config;
    const pool = sharedScriptPool();
    return {
      [phase]: async (message: Message) => {
        const input = await inputOf(message, config);
        const end = await pool.run({ source, input, timeLimitMs, memoryLimitBytes });
        switch (end.kind) {
          case 'repeated':
            throw new Refusal('parameter_repeated', { parameter: end.parameter, place: end.place });
          case 'failed':
            throw new Refusal('policy_error', { detail: end.detail, phase, line: end.line });
          case 'done':
            message.note({ wrote: write(message, end.written, config.writes) });
        }
      },
    };
  },
};

/** How an attribute is handed to the sandbox and back: `{ v: JSON }`, or `{ s: strings }` for a set. */
type Handed = { readonly v: WhiteboardValue } | { readonly s: readonly string[] } | null;

/** What a script may see, as JSON. */
async function inputOf(message: Message, { writes, readForm }: Config): Promise<string> {
  const { request, whiteboard } = message;
  const headers: Record<string, string> = Object.create(null);
  const { raw } = request.headers;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    headers[name] = headers[name] === undefined ? (raw[i + 1] ?? '') : `${headers[name]}, ${raw[i + 1]}`;
  }
  const attributes: Record<string, unknown> = Object.create(null);
  for (const [name, value] of whiteboard.entries())
    attributes[name] = value instanceof Set ? { s: [...value] } : { v: value };
  const isForm = /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(headers['content-type'] ?? '');
  const form = readForm && isForm ? (await message.readBody(FORM_LIMIT_BYTES)).toString('utf8') : '';
  return JSON.stringify({
    ...{ method: request.method, path: request.path, headers, attributes, writes },
    query: valuesByName(request.query),
    form: valuesByName(form),
  });
}

function valuesByName(text: string): Record<string, string[]> {
  const values: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    values[name] ??= [];
    values[name].push(value);
  }
  return values;
}

/** Gives the names that were written. What comes out of the sandbox is looked at again here: it could have been made up. */
function write({ whiteboard }: Message, written: string, allowed: readonly string[]): string[] {
  const changes: Record<string, Handed> = JSON.parse(written);
  const names = allowed.filter((name) => Object.hasOwn(changes, name));
  for (const name of names) {
    const value = changes[name];
    if (value === null || value === undefined) whiteboard.remove(name);
    else whiteboard.assign(name, 's' in value ? new Set(value.s.map(String)) : value.v);
  }
  return names;
}
