import type { Run } from '../command-spec.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-code.ts';
import { getThing, nameOf, titleOf } from '../lookup.ts';
import { nounOf, type Thing } from '../noun.ts';
import { plain } from '../plain.ts';

/** Acts that cannot be taken back: their effect, asked about first. */
const FINAL: Readonly<Record<string, string>> = {
  end: 'It ends for good, and calls with its tokens are refused at once.',
  'revoke-tokens': 'All its tokens are refused at once, for good; new ones can be got.',
};

/** What undoes an act, as a verb of the same noun. */
const UNDO: Readonly<Record<string, string>> = {
  enable: 'disable',
  disable: 'enable',
  suspend: 'resume',
  resume: 'suspend',
  approve: 'suspend',
};

const DONE: Readonly<Record<string, string>> = {
  enable: 'Enabled',
  disable: 'Disabled',
  approve: 'Approved',
  suspend: 'Suspended',
  resume: 'Resumed',
  end: 'Ended',
  'revoke-tokens': 'Revoked all tokens of',
};

/** `gatewright client disable …`, `gatewright subscription suspend …`: changes of standing. */
export function standingCommand(word: string, verb: string): Run {
  return async (session, input) => {
    const { out } = session;
    session.doing = `${verb === 'revoke-tokens' ? 'revoke the tokens of' : verb} ${word} ${input.argument(0)}`;
    const api = await session.api();
    const { thing, path } = await getThing(api, nounOf(word), input.argument(0));
    const effect = FINAL[verb];
    if (effect !== undefined) await confirm(session, `${titleOf(thing)}: ${effect}`);
    const reason = input.text('reason');
    const changed = await api.post<Thing>(`${path}/${verb}`, reason === undefined ? {} : { reason });
    out.json(changed);
    const undo = UNDO[verb];
    if (undo !== undefined) out.line(out.style.dim(`Undo with: gatewright ${word} ${undo} ${nameOf(thing)}`));
    out.line(out.style.bold(`${DONE[verb] ?? 'Changed'} ${word} ${plain(nameOf(thing))}.`));
    return EXIT.done;
  };
}
