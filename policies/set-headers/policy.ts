import type { HeaderList } from '#core/headers';
import type { Message } from '#core/message';
import { PHASES } from '#core/model/endpoint';
import type { PolicyType } from '#core/policy';
import { compileFields } from '../message-fields.ts';
import { type Config, schema } from './schema.ts';

/** Set Headers: removes, sets and adds header fields of the request or the answer, depending on where it is attached. */
export const setHeaders: PolicyType<Config> = {
  name: 'set-headers',
  title: 'Set Headers',
  description: 'Removes, sets and adds header fields of the request or of the answer.',
  category: 'transform',
  phases: PHASES,
  schema,

  summarize({ remove, set, add }) {
    const parts = [
      remove.length > 0 ? `removes ${remove.join(', ')}` : '',
      set.length > 0 ? `sets ${set.map(({ name }) => name).join(', ')}` : '',
      add.length > 0 ? `adds ${add.map(({ name }) => name).join(', ')}` : '',
    ];
    return parts.filter((part) => part !== '').join('; ') || 'changes nothing';
  },

  compile(config, { context: { phase } }) {
    const change = compileChange(config);
    if (phase === 'proxyRequest' || phase === 'targetRequest') {
      return { [phase]: (message: Message) => change(message, message.request.headers) };
    }
    return {
      [phase]: (message: Message) =>
        message.response === undefined ? undefined : change(message, message.response.headers),
      onRefusal: config.onRefusal,
    };
  },
};

type Change = (message: Message, headers: HeaderList) => undefined | Promise<undefined>;

/** Every value is found before anything is removed: it may come from a field that goes. */
function compileChange({ remove, set, add }: Config): Change {
  const names = remove.map((name) => name.toLowerCase());
  const fieldsOf = compileFields([...set, ...add]);
  const change = (headers: HeaderList, fields: readonly string[]): undefined => {
    for (const name of names) headers.remove(name);
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i] ?? '';
      const value = fields[i + 1] ?? '';
      if (i < set.length * 2) headers.set(name, value);
      else headers.add(name, value);
    }
  };
  return (message, headers) => {
    const fields = fieldsOf(message);
    return fields instanceof Promise ? fields.then((all) => change(headers, all)) : change(headers, fields);
  };
}
