import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf } from '../lookup.ts';
import { nounOf, type Thing } from '../noun.ts';
import { plain } from '../plain.ts';

/** `gatewright gateway remove`: it is let in no more, and serves nothing from then on. */
export const removeGateway: Run = async (session, input) => {
  const { out } = session;
  session.doing = `remove gateway ${input.argument(0)}`;
  const api = await session.api();
  const { thing } = await getThing(api, nounOf('gateway'), input.argument(0));
  const name = plain(nameOf(thing));
  await confirm(session, `${name} drains, serves nothing more, and comes back only with a new join token.`);
  await api.delete(`/gateways/${encodeURIComponent(String(thing.id))}`, undefined);
  out.json({ removed: thing.id, name });
  out.line(out.style.bold(`Removed gateway ${name}.`));
  return EXIT.done;
};

/** `gatewright gateway drain` and `undrain`. */
export function orderGateway(order: 'drain' | 'undrain'): Run {
  return async (session, input) => {
    const { out } = session;
    session.doing = `${order} gateway ${input.argument(0)}`;
    const api = await session.api();
    const { thing } = await getThing(api, nounOf('gateway'), input.argument(0));
    const told = await api.post<Thing>(`/gateways/${encodeURIComponent(String(thing.id))}/${order}`, {});
    const name = plain(nameOf(thing));
    out.json(told);
    if (order === 'drain') out.line(out.style.dim(`Undo with: gatewright gateway undrain ${name}`));
    out.line(out.style.bold(order === 'drain' ? `Gateway ${name} drains.` : `Gateway ${name} takes calls again.`));
    return EXIT.done;
  };
}
