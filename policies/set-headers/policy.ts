import type { HeaderList } from '#core/headers';
import type { Message } from '#core/message';
import { PHASES } from '#core/model/endpoint';
import type { PolicyType } from '#core/policy';
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
      return { [phase]: ({ request }: Message) => change(request.headers) };
    }
    return {
      [phase]: ({ response }: Message) => {
        if (response !== undefined) change(response.headers);
      },
      onRefusal: config.onRefusal,
    };
  },
};

function compileChange({ remove, set, add }: Config): (headers: HeaderList) => void {
  const names = remove.map((name) => name.toLowerCase());
  return (headers) => {
    for (const name of names) headers.remove(name);
    for (const { name, value } of set) headers.set(name, value);
    for (const { name, value } of add) headers.add(name, value);
  };
}
