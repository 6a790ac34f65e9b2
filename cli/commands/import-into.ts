import type { ImportDiff } from '#core/model/import';
import type { Project } from '#core/model/project';
import { type Api, at } from '../api.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { getThing } from '../lookup.ts';
import { nounOf } from '../noun.ts';
import { plain } from '../plain.ts';
import type { CommandInput, Session } from '../session.ts';
import { type ImportSource, noteUnused } from './import.ts';

/** What is imported into which project. */
export interface IntoWork {
  readonly source: ImportSource;
  readonly into: string;
  readonly input: CommandInput;
}

/** `gatewright import --into`: shows what a newer document changes, and makes it the draft. Exit 2 when a dry run would change something. */
export async function importInto(session: Session, api: Api, { source, into, input }: IntoWork): Promise<ExitCode> {
  const { out } = session;
  const { thing: project } = await getThing<Project>(api, nounOf('project'), into);
  const tags = input.texts('tag');
  const body = {
    ...source.body,
    ...(tags.length > 0 && { choose: 'tags', tags }),
    ...(input.flag('onlyDefault') && { choose: 'default' }),
  };
  const diff = await api.post<ImportDiff>(at`/projects/${project.name}/import/preview`, body);
  noteUnused(out, diff.unused);
  showDiff(session, diff);
  const n = diff.added.length + diff.removed.length + diff.changed.length;
  if (input.flag('dryRun') || n === 0) {
    out.json(diff);
    const words = n === 0 ? 'Nothing to change.' : `Nothing was changed: --dry-run. ${plain(diff.sentence)}.`;
    out.line(out.style.bold(words));
    // A WSDL may be another one and change nothing that is seen: it is kept with the project all the same.
    if (n === 0 && !input.flag('dryRun')) await api.post(at`/projects/${project.name}/import`, body);
    return n === 0 ? EXIT.done : EXIT.wouldChange;
  }
  const removed = choices(diff, input, { source, project: project.name });
  // What was fetched for the diff is what is imported.
  const text = diff.source === undefined ? {} : { source: diff.source, url: undefined };
  const done = await api.post<ImportDiff>(at`/projects/${project.name}/import`, { ...body, ...text, removed });
  out.json(done);
  out.line(out.style.dim(`Not live until deployed: gatewright deploy ${project.name}`));
  out.line(
    out.style.green(out.style.bold(`Imported into the draft of ${plain(project.displayName)}: ${done.sentence}.`)),
  );
  return EXIT.done;
}

function showDiff({ out }: Session, { added, removed, changed }: ImportDiff): void {
  const { style } = out;
  const words = ({ methods, path, displayName }: ImportDiff['added'][number]) =>
    plain([methods.join(' '), path, displayName].filter((word) => word !== '').join('  '));
  out.line();
  for (const one of added) out.line(`  ${style.green('+')} ${words(one)}`);
  for (const one of removed) {
    const { policies } = one;
    const n = policies.length === 1 ? '1 policy' : `${policies.length} policies`;
    const has = policies.length === 0 ? '' : style.yellow(`  has ${n}: ${plain(policies.join(', '))}`);
    out.line(`  ${style.red('-')} ${words(one)}${has}`);
  }
  for (const one of changed) {
    out.line(`  ${style.yellow('~')} ${words(one)}`);
    for (const sentence of one.sentences) out.line(`      ${plain(sentence)}`);
  }
  out.line();
}

/** What becomes of resources that are gone: --removed for all, --keep by name. */
function choices(
  diff: ImportDiff,
  input: CommandInput,
  place: { readonly source: ImportSource; readonly project: string },
): Record<string, string> {
  const all = input.text('removed');
  const kept = new Set(input.texts('keep'));
  const gone = diff.removed.filter(({ methods, path }) => methods.length > 0 && path !== '/*');
  const undecided = gone.filter(({ name, needsChoice }) => needsChoice && all === undefined && !kept.has(name));
  if (undecided.length > 0) {
    const again = `gatewright import ${place.source.shown} --into ${place.project}`;
    throw new CliError('Resources that are gone from the document have policies. Say what becomes of them.', {
      code: 'choice_needed',
      exit: EXIT.refused,
      lines: undecided.map(({ displayName, policies }) => `${displayName}: ${policies.join(', ')}`),
      fixes: [
        { text: 'Keep this one.', command: `${again} --keep ${undecided[0]?.name ?? 'NAME'}` },
        { text: 'Keep all as they are.', command: `${again} --removed keep` },
        { text: 'Remove all.', command: `${again} --removed remove` },
      ],
    });
  }
  return Object.fromEntries(
    gone.flatMap(({ name }) => {
      const choice = kept.has(name) ? 'keep' : all;
      return choice === undefined ? [] : [[name, choice]];
    }),
  );
}
