import type { Diff } from '#core/model/deployment';
import type { Project } from '#core/model/project';
import { at } from '../api.ts';
import { usageError } from '../cli-error.ts';
import type { Run } from '../command-spec.ts';
import { showChanges } from '../deployment-view.ts';
import { EXIT } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import { chooseServerGroup } from '../server-group-choice.ts';

/** `gatewright diff`: exit 2 when something differs, as for every "would change". */
export const diffCommand: Run = async (session, input) => {
  const { out } = session;
  session.doing = `compare ${input.argument(0)}`;
  const api = await session.api();
  const { thing: project } = await getThing<Project>(api, nounOf('project'), input.argument(0));
  const from = input.text('from');
  const to = input.text('to');
  const states =
    from === undefined
      ? { from: `live:${(await chooseServerGroup(api, to, '--to')).name}`, to: 'draft' }
      : { from: stateOf(from), to: stateOf(to ?? 'draft') };
  const diff = await api.get<Diff>(at`/projects/${project.name}/diff`, states);
  out.json(diff);
  out.line(`${out.style.bold(plain(project.displayName))}  ${diff.from} → ${out.style.bold(diff.to)}`);
  showChanges(out, diff.changes);
  const n = diff.changes.length;
  out.line(n === 0 ? 'No difference.' : `${n} ${n === 1 ? 'difference' : 'differences'}.`);
  return n === 0 ? EXIT.done : EXIT.wouldChange;
};

function stateOf(text: string): string {
  if (/^[1-9]\d*$/.test(text)) return `v${text}`;
  if (/^v[1-9]\d*$/.test(text) || text === 'draft' || /^live:./.test(text)) return text;
  throw usageError(`"${text}" is no state of a project. Write v3, draft or live:GROUP.`);
}
